// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "io/report/report_text.hpp"

namespace cohort {

/// The balance sheet of a step's rows as a waterfall from read to kept, with a warning when
/// read != kept + sum of removed. `rows` is that of result.json; nothing for null, or when no rule
/// took part and all was kept: the headline says that.
[[nodiscard]] std::string render_balance(const Json& rows, const ReportWords& words);

}  // namespace cohort
