// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "algorithms/linear/elastic_path.hpp"
#include "algorithms/linear/glm.hpp"
#include "jobs/prediction/training_table.hpp"

namespace cohort {

/// Coefficients with standard errors, p-values and 95 % intervals, and what is to be said of each.
[[nodiscard]] ResultTable coefficients_table(const Glm::Model& model);

/// A path of penalties: what each leaves of the model, and the coefficients of the terms that last longest.
[[nodiscard]] ResultTable path_table(const ElasticPath& path);

/// Collective. Scores every customer of `rows`: a table in the step's folder and scores.csv (customer_id, as_of where
/// known, prediction or probability, decile, rank, reason_1..3).
void write_linear_scores(const StepContext& step, const CustomerRows& rows, const Glm::Model& model);

}  // namespace cohort
