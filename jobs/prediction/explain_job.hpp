// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/step.hpp"

namespace cohort {

/// What a finished model goes by, and of whom it knows least.
struct ExplainJob {
  struct Params {
    std::string model, data = "dataset", label, positive;
    std::int64_t n_repeats = 5, rows = 50000, grid = 10, min_slice = 100, random_state = 0;
    void describe(Fields& f);
  };
  static constexpr std::string_view name = "explain";
  static constexpr std::string_view summary =
      "Tells what a finished model goes by: permutation importance, partial dependence, and its weakest slices.";
  static constexpr std::string_view notes =
      "One pass that predicts each row looked at features x (repeats + grid) times, and two over all rows for the "
      "slices. Memory: the rows of a block for each thread, and 56 bytes a slice. Breiman 2001; Friedman 2001; Chung "
      "et al. 2019.";

  static std::vector<std::string> inputs(const Params& params, const std::filesystem::path& out);
  static StepResult run(const Params& params, const StepContext& step);
};

}  // namespace cohort
