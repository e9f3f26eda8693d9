// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/linear/glm.hpp"
#include "jobs/plan/forecast.hpp"
#include "jobs/plan/step_plan.hpp"
#include "jobs/prediction/linear_params.hpp"
#include "jobs/prediction/training_table.hpp"

namespace cohort {

/// The probability of a yes, by logistic regression.
struct LogisticJob {
  struct Params : TrainingParams {
    std::string penalty = "none", class_weight = "none";
    double C = 1, l1_ratio = 0.5;
    StandardErrors errors;
    SolverChoice solver;
    NewtonLimits limits;
    DesignMatrix::Params design;
    void describe(Fields& f);
    void check(const ConfigNode& node) const;
  };
  static constexpr std::string_view name = "logistic";
  static constexpr std::string_view summary =
      "Predicts the probability of a yes by logistic regression, judges the model and scores every customer.";
  static constexpr std::string_view notes =
      "Newton's method (IRLS) to the optimum, one fused pass over the rows a step: 5 to 8 of them. Cost: rows x "
      "terms^2 a pass. Memory: the columns stream; terms^2 x 32 bytes for each thread, and 64 bytes a customer for "
      "the scores. Intervals: Wald's; AUC: DeLong et al. (Biometrics 1988).";
  static StepResult run(const Params& params, const StepContext& step);
  static StepPlan plan(const Params& params, Forecast& forecast);
};

}  // namespace cohort
