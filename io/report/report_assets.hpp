// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace cohort {

/// What a report carries inside it, embedded in the program when it was built.
[[nodiscard]] std::string_view report_style();    ///< report.css
[[nodiscard]] std::string_view report_script();   ///< report.js
[[nodiscard]] std::string_view charts_library();  ///< ECharts (Apache License 2.0)

}  // namespace cohort
