// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "algorithms/evaluation/folds.hpp"
#include "jobs/prediction/judged_answers.hpp"

namespace cohort {

/// Collective. Fits a model of the kind in hand to rows of a training table; what it returns outlives the rows.
using Learn = std::function<Fitted(const NumericTable& rows, const Context& context)>;

/// What a model said of each customer that it was not fitted to, in the blocks of the table.
struct OutOfFold {
  Folds folds;
  std::vector<std::vector<double>> labels;       ///< NaN where there is none
  std::vector<std::vector<double>> predictions;  ///< row by row TrainingTable::answer_width() of them; NaN likewise
  JudgedAnswers judged;                          ///< those with both
  Json metrics = Json::object();                 ///< cv_METRIC and cv_METRIC_se, over the folds
  std::vector<ResultTable> tables;
};

/// Collective. Fits as many models as there are folds, one after the other, each judged by its fold: metrics of each,
/// their means and standard errors. Held-out rows take no part. Throws Error(bad_config) for a column that is not
/// there.
[[nodiscard]] OutOfFold cross_validate(const TrainingTable& table, const CustomerRows& rows, const Learn& learn,
                                       const StepContext& step);

/// Collective. Leaves the folds and predictions as a table (out_of_fold/) and as out_of_fold.csv: a number or the
/// probability of a yes; of several `classes` the most probable and the probability of each.
void write_out_of_fold(const OutOfFold& out_of_fold, const std::vector<std::string>& classes, const CustomerRows& rows,
                       const StepContext& step);

/// Collective. How good the model is after a tenth, a fifth, two fifths and all of the rows, by `judge`, which is given
/// a model; rows are drawn by a hash of the customer.
[[nodiscard]] ResultTable learning_curve(const TrainingTable& table, const CustomerRows& rows, const Learn& learn,
                                         const std::function<Json(const Fitted&)>& judge, const StepContext& step);

}  // namespace cohort
