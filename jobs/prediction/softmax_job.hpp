// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/linear/softmax.hpp"
#include "jobs/prediction/linear_params.hpp"
#include "jobs/prediction/training_table.hpp"

namespace cohort {

/// Which of several classes, by multinomial logistic regression.
struct SoftmaxJob {
  struct Params : TrainingParams {
    std::string penalty = "none", class_weight = "none";
    double C = 1;
    std::string solver = "auto";
    NewtonLimits limits;
    DesignMatrix::Params design;
    void describe(Fields& f);
    void check(const ConfigNode& node) const;
  };
  static constexpr std::string_view name = "softmax";
  static constexpr std::string_view summary =
      "Predicts which of several classes by multinomial logistic regression, judges the model and scores every "
      "customer.";
  static constexpr std::string_view notes =
      "Newton's method up to 2000 coefficients, (classes - 1) x (terms + 1) of them: a pass a step, rows x terms^2 x "
      "classes^2 / 2; L-BFGS beyond: rows x (numbers + categories) x classes a step. Memory: the columns stream; "
      "coefficients^2 x 16 bytes for each thread, and 32 + 8 x classes bytes a customer for the judgement. Intervals: "
      "Wald's; AUC of each class: DeLong's.";
  static StepResult run(const Params& params, const StepContext& step);
};

/// Coefficients of each class against the first, with standard errors, p-values and 95 % intervals.
[[nodiscard]] ResultTable class_coefficients_table(const Softmax::Model& model);

/// Collective. Scores every customer of `rows`: a table in the step's folder and scores.csv (customer_id, as_of where
/// known, prediction, its probability, the probability of each class, reason_1..3, model_id).
void write_class_scores(const StepContext& step, const CustomerRows& rows, const Softmax::Model& model,
                        const std::string& model_id);

}  // namespace cohort
