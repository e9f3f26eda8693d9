// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "io/report/report.hpp"
#include "io/report/report_text.hpp"

namespace cohort {

/// Where a section stands in the page.
struct SectionPlace {
  std::string anchor;    ///< unique, safe in HTML
  bool is_main = false;  ///< the one the reader came for: it opens with its details shown
};

/// One step: headline, verdict, key figures, tables with charts, balance sheet, and folded: how it was computed,
/// parameters, sources and files.
[[nodiscard]] std::string render_section(const ReportSection& section, const SectionPlace& place,
                                         const ReportWords& words);

/// The verdict of a result, escaped, in the reader's words.
[[nodiscard]] std::string verdict_of(const Json& result, const ReportWords& words);

}  // namespace cohort
