// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/linear/elastic_path.hpp"
#include "algorithms/linear/glm.hpp"
#include "jobs/prediction/training_table.hpp"

namespace cohort {

/// Coefficients with standard errors, p-values and 95 % intervals, and what is to be said of each.
[[nodiscard]] ResultTable coefficients_table(const Glm::Model& model);

/// What is to be said of a coefficient with a verdict of Glm; empty where nothing is.
[[nodiscard]] std::string_view coefficient_note(std::int64_t verdict);

/// How far stochastic gradient descent was after each epoch.
[[nodiscard]] ResultTable epochs_table(const Glm::Model& model);

/// A path of penalties: what each leaves of the model, and the coefficients of the terms that last longest.
[[nodiscard]] ResultTable path_table(const ElasticPath& path);

/// What scores tell besides the model's own words.
struct ScoreNotes {
  double threshold = std::numeric_limits<double>::quiet_NaN();  ///< decision: 1 from this probability on; NaN: none
  std::string model_id;
};

/// Collective. Scores every customer of `rows`: a table in the step's folder and scores.csv (customer_id, as_of where
/// known, prediction or probability, decision where it has a threshold, decile, rank, reason_1..3, model_id).
void write_linear_scores(const StepContext& step, const CustomerRows& rows, const Glm::Model& model,
                         const ScoreNotes& notes);

}  // namespace cohort
