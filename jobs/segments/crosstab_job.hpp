// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/step.hpp"

namespace cohort {

/// Segments against what is known of customers: shares and lift.
struct CrosstabJob {
  struct Params {
    std::string input = "kmeans", segment = "segment_name", columns_of = "dataset";
    std::vector<std::string> by;
    std::int64_t max_values = 50;
    void describe(Fields& f);
  };
  static constexpr std::string_view name = "crosstab";
  static constexpr std::string_view summary =
      "Crosses segments with categories of the customers: counts, shares, lift, and how strong the tie is.";
  static constexpr std::string_view notes =
      "One pass over two categories a column; what merges is a count for each segment and value. Cramer (1946).";

  static StepResult run(const Params& params, const StepContext& step);
};

}  // namespace cohort
