// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/linear/glm.hpp"
#include "jobs/plan/forecast.hpp"
#include "jobs/plan/step_plan.hpp"
#include "jobs/prediction/linear_params.hpp"
#include "jobs/prediction/training_table.hpp"

namespace cohort {

/// A number predicted by least squares or ridge regression.
struct LinearJob {
  struct Params : TrainingParams {
    ElasticPenalty shrinkage;
    std::int64_t path = 0;
    double eps = 1e-3;
    StandardErrors errors;
    SolverChoice solver;
    DesignMatrix::Params design;
    void describe(Fields& f);
    void check(const ConfigNode& node) const;
  };
  static constexpr std::string_view name = "linear";
  static constexpr std::string_view summary =
      "Predicts a number by linear regression, judges the model and scores every customer.";
  static constexpr std::string_view notes =
      "Ordinary least squares and ridge regression from exact sums of the Gram matrix by Cholesky; lasso and elastic "
      "net from the same sums by coordinate descent until the duality gap closes. Cost: rows x terms^2 in each of "
      "one or two passes, after one over the columns and one over the categories; a path takes two more, whatever "
      "its length. Memory: the columns stream; terms^2 x 32 bytes for each thread, and 64 bytes a customer for the "
      "scores.";
  static StepResult run(const Params& params, const StepContext& step);
  static StepPlan plan(const Params& params, Forecast& forecast);
};

/// The rows of a table for whoever learns from it.
[[nodiscard]] LabelledRows labelled_rows(const TrainingTable& table, const StepContext& step);

/// Collective. What all linear jobs do: learns, judges, scores, and leaves tables and model.h5.
[[nodiscard]] StepResult run_linear(std::string_view kind, TrainingParams training, const Glm::Params& glm,
                                    const StepContext& step);
/// What that costs, where the table is known.
[[nodiscard]] StepPlan plan_linear(const TrainingParams& training, Forecast& forecast);
/// What scoring the rows of a table costs.
[[nodiscard]] StepPlan plan_scores(const PlannedTable& rows, const Forecast& forecast);

}  // namespace cohort
