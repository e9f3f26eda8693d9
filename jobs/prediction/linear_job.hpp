// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/linear/glm.hpp"
#include "jobs/prediction/training_table.hpp"

namespace cohort {

/// A number predicted by least squares or ridge regression.
struct LinearJob {
  struct Params : TrainingParams {
    double alpha = 0;
    DesignMatrix::Params design;
    void describe(Fields& f);
  };
  static constexpr std::string_view name = "linear";
  static constexpr std::string_view summary =
      "Predicts a number by linear regression, judges the model and scores every customer.";
  static constexpr std::string_view notes =
      "Ordinary least squares, or ridge regression with alpha, from exact sums of the Gram matrix by Cholesky. Cost: "
      "rows x terms^2 in each of two passes, after three passes over the columns. Memory: the columns stream; terms^2 "
      "x "
      "32 bytes for each thread, and 64 bytes a customer for the scores.";
  static StepResult run(const Params& params, const StepContext& step);
};

/// Collective. What both linear jobs do: learns, judges, scores, and leaves tables and model.h5.
[[nodiscard]] StepResult run_linear(std::string_view kind, TrainingParams training, const Glm::Params& glm,
                                    const StepContext& step);

}  // namespace cohort
