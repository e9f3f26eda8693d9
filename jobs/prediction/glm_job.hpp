// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/linear/glm.hpp"
#include "jobs/plan/forecast.hpp"
#include "jobs/plan/step_plan.hpp"
#include "jobs/prediction/linear_params.hpp"
#include "jobs/prediction/training_table.hpp"

namespace cohort {

/// Counts and amounts by generalised linear models with log link.
struct GlmJob {
  struct Params : TrainingParams {
    std::string family = "poisson", offset, exposure, dispersion = "family";
    double power = 1.5;
    ElasticPenalty shrinkage;
    StandardErrors errors;
    SolverChoice solver;
    NewtonLimits limits;
    DesignMatrix::Params design;
    void describe(Fields& f);
    void check(const ConfigNode& node) const;
  };
  static constexpr std::string_view name = "glm";
  static constexpr std::string_view summary =
      "Predicts counts or amounts by Poisson, gamma or Tweedie regression, judges the model and scores every customer.";
  static constexpr std::string_view notes =
      "Newton's method with log link to the optimum: a pass for the range of the predictor and a fused one a step, 5 "
      "to 10 steps. Cost: rows x terms^2 a step. Memory: the columns stream; terms^2 x 32 bytes for each thread, and "
      "64 bytes a customer for the scores. McCullagh and Nelder 1989; Jorgensen 1997.";
  static StepResult run(const Params& params, const StepContext& step);
  static StepPlan plan(const Params& params, Forecast& forecast);
};

}  // namespace cohort
