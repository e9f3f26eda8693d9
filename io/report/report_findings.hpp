// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "io/report/report.hpp"
#include "io/report/report_text.hpp"

namespace cohort {

/// What the steps say to someone who sells things, in sentences at the top of the page: who the best customers are, who
/// is leaving, which model is better, and what is wrong with the data. Every number is one of result.json's; a sentence
/// whose numbers are not there, or were suppressed, is left out, and so is the whole where no step can tell.
[[nodiscard]] std::string render_findings(const std::vector<ReportSection>& sections, const ReportWords& words);

}  // namespace cohort
