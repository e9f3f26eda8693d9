// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace cohort {

/// One step of a job as its result.json and run.json say it.
struct ReportSection {
  nlohmann::ordered_json result, run;
};

struct ReportOptions {
  std::string language = "en";  ///< en, zh
  std::int64_t min_cell =
      0;  ///< counts of customers below it are not shown, nor what is computed from them; 0: all are
};

/// One HTML file that opens offline and prints well: the last step first, then the steps before it in their order.
/// Every number on it is one of the sections', its exact value in `data-value`. A chart draws the table below it, so
/// the page can be read without scripts. Throws Error(internal) for a table whose rows or chart do not fit its columns.
[[nodiscard]] std::string render_report(const std::string& title, const std::vector<ReportSection>& sections,
                                        const ReportOptions& options = {});

}  // namespace cohort
