// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/step.hpp"

namespace cohort {

/// Models judged by the same rows, each against the first.
struct CompareJob {
  struct Params {
    std::string input = "dataset", label, weight;
    std::vector<std::string> models;
    void describe(Fields& f);
    void check(const ConfigNode& node) const;
  };
  static constexpr std::string_view name = "compare";
  static constexpr std::string_view summary =
      "Compares models of one label by the same customers: is one better than another, or lucky?";
  static constexpr std::string_view notes =
      "Paired tests, customer by customer. Numbers: differences of squared and absolute errors, and of deviances for "
      "models of one law (Diebold and Mariano, JBES 1995; the error of an RMSE is scaled so that its test is that of "
      "the squares). Classifiers: DeLong's test of AUC (Biometrics 1988), differences of log loss and Brier score. "
      "Several classes: differences of log loss, McNemar's mid-p test of accuracy. With weights no AUC is compared, "
      "and accuracy by its differences. Two passes over the rows, nothing of a row is kept; for AUC about 450 bytes a "
      "customer at the peak, whose score travels six times.";
  static StepResult run(const Params& params, const StepContext& step);
};

}  // namespace cohort
