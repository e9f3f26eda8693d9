// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/step.hpp"

namespace cohort {

/// Classifiers judged by the same rows, each against the first.
struct CompareJob {
  struct Params {
    std::string input = "dataset", label;
    std::vector<std::string> models;
    void describe(Fields& f);
    void check(const ConfigNode& node) const;
  };
  static constexpr std::string_view name = "compare";
  static constexpr std::string_view summary =
      "Compares classifiers by the same customers: is the difference of their AUCs more than chance?";
  static constexpr std::string_view notes =
      "DeLong's paired test (Biometrics 1988) on exact sums of ranks. Memory: 64 bytes a customer; each score travels "
      "six times.";
  static StepResult run(const Params& params, const StepContext& step);
};

}  // namespace cohort
