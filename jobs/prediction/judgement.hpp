// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "algorithms/evaluation/binary_metrics.hpp"
#include "algorithms/evaluation/judged_rows.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// What treating a customer is worth.
struct ProfitParams {
  double value = 0, cost = 0;
  void describe(Fields& f);
  [[nodiscard]] bool given() const { return value > 0; }
};

/// How a model is judged, in every job that does.
struct JudgementParams {
  std::int64_t bootstrap = 200;
  ProfitParams profit;
  double deviance_power = std::numeric_limits<double>::quiet_NaN();  ///< numbers: of the law that predicts them, if any
  void describe(Fields& f);
};

/// What is said of a model.
struct Judgement {
  Json metrics = Json::object();
  std::vector<ResultTable> tables;
  double threshold = std::numeric_limits<double>::quiet_NaN();  ///< by profit; NaN where none was asked for
};

/// Collective. A classifier judged: metrics with intervals, ROC, precision and recall, gains, calibration and profit.
/// `threshold` is the one by which profit is counted; NaN: the best for these rows.
[[nodiscard]] Judgement judge_classifier(const JudgedRows& rows, const JudgementParams& params, double threshold,
                                         const StepContext& step);

/// Collective. Predictions of numbers judged.
[[nodiscard]] Judgement judge_numbers(const JudgedRows& rows, const JudgementParams& params, const StepContext& step);

/// A number for result.json: null where it is undefined.
[[nodiscard]] Json number_or_null(double value);

}  // namespace cohort
