// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/judgement.hpp"

#include <cmath>

#include "algorithms/evaluation/deviance_metrics.hpp"
#include "algorithms/evaluation/regression_metrics.hpp"

namespace cohort {
namespace {

constexpr double tenths = BinaryMetrics::tenths;

ResultTable gains_table(const BinaryMetrics& metrics) {
  ResultTable table{.name = "gains",
                    .title = "Gains: what the highest scores hold",
                    .columns = {"share_of_customers", "gain", "lift"},
                    .rows = {}};
  for (std::size_t k = 0; k < BinaryMetrics::tenths; ++k) {
    const double gain = metrics.of_rows.captured[k] / metrics.of_rows.positive_weight;
    const double customers = static_cast<double>(k + 1) / tenths;
    table.rows.push_back({customers, number_or_null(gain), number_or_null(gain / customers)});
  }
  table.chart = {{"type", "line"}, {"x", "share_of_customers"}, {"y", {"gain", "share_of_customers"}}};
  return table;
}

ResultTable roc_table(const BinaryMetrics& metrics) {
  ResultTable table{.name = "roc",
                    .title = "ROC curve",
                    .columns = {"false_positive_rate", "true_positive_rate", "threshold"},
                    .rows = {}};
  const double positives = metrics.of_rows.positive_weight, negatives = metrics.of_rows.weight - positives;
  for (const BinaryMetrics::CurvePoint& point : metrics.curve) {
    table.rows.push_back({number_or_null((point.weight - point.positive_weight) / negatives),
                          number_or_null(point.positive_weight / positives), point.threshold});
  }
  table.chart = {{"type", "line"}, {"x", "false_positive_rate"}, {"y", {"true_positive_rate"}}};
  return table;
}

ResultTable precision_recall_table(const BinaryMetrics& metrics) {
  ResultTable table{.name = "precision_recall",
                    .title = "Precision and recall",
                    .columns = {"recall", "precision", "threshold"},
                    .rows = {}};
  for (const BinaryMetrics::CurvePoint& point : metrics.curve) {
    table.rows.push_back({number_or_null(point.positive_weight / metrics.of_rows.positive_weight),
                          number_or_null(point.positive_weight / point.weight), point.threshold});
  }
  table.chart = {{"type", "line"}, {"x", "recall"}, {"y", {"precision"}}};
  return table;
}

ResultTable calibration_table(const BinaryMetrics& metrics) {
  ResultTable table{.name = "calibration",
                    .title = "Calibration: what was said and what came",
                    .columns = {"mean_probability", "share_of_positives", "customers"},
                    .rows = {}};
  const BinaryReplicate& of = metrics.of_rows;
  for (std::size_t bin = 0; bin < BinaryMetrics::tenths; ++bin) {
    const double weight = of.bin_weight[bin];
    if (weight > 0) {
      table.rows.push_back({of.bin_probability[bin] / weight, of.bin_positive[bin] / weight, std::llround(weight)});
    }
  }
  table.chart = {{"type", "line"}, {"x", "mean_probability"}, {"y", {"share_of_positives", "mean_probability"}}};
  return table;
}

ResultTable profit_table(const BinaryMetrics& metrics, const ProfitParams& profit) {
  ResultTable table{.name = "profit",
                    .title = "Profit of treating the highest scores",
                    .columns = {"share_of_customers", "profit", "threshold"},
                    .rows = {}};
  for (const BinaryMetrics::CurvePoint& point : metrics.curve) {
    table.rows.push_back({point.weight / metrics.of_rows.weight,
                          profit.value * point.positive_weight - profit.cost * point.weight, point.threshold});
  }
  table.chart = {{"type", "line"}, {"x", "share_of_customers"}, {"y", {"profit"}}};
  return table;
}

/// Every figure with its interval; those without a value are left out.
template <class Metrics, std::size_t count>
ResultTable figures_table(const Metrics& of, const std::array<double, count>& figures,
                          const std::array<std::string_view, count>& names, std::size_t asked) {
  ResultTable table{.name = "metrics",
                    .title = "Metrics with 95 % intervals",
                    .columns = {"metric", "value", "low", "high"},
                    .rows = {}};
  for (std::size_t f = 0; f < asked; ++f) {
    if (std::isfinite(figures[f])) {
      table.rows.push_back({names[f], figures[f], number_or_null(of.low[f]), number_or_null(of.high[f])});
    }
  }
  return table;
}

template <class Metrics, std::size_t count>
void enter(const Metrics& of, const std::array<double, count>& figures,
           const std::array<std::string_view, count>& names, std::size_t asked, Json& metrics) {
  metrics["judged_rows"] = of.rows;
  for (std::size_t f = 0; f < asked; ++f) {
    const std::string name(names[f]);
    metrics[name] = number_or_null(figures[f]);
    if (!std::isfinite(of.low[f])) continue;
    metrics[name + "_low"] = of.low[f];
    metrics[name + "_high"] = number_or_null(of.high[f]);
  }
}

Bootstrap bootstrap_of(const JudgementParams& params, const StepContext& step) {
  return {.replicates = params.bootstrap, .seed = static_cast<std::uint64_t>(step.job.run.random_state)};
}

}  // namespace

void ProfitParams::describe(Fields& f) {
  f({.name = "value", .text = "What a treated customer with the positive label brings", .range = {0, 1e12}}, value);
  f({.name = "cost", .text = "What treating a customer costs", .range = {0, 1e12}}, cost);
}

void JudgementParams::describe(Fields& f) {
  f({.name = "bootstrap",
     .text = "Replicates from which intervals of metrics are read, drawn by customer; 0: no such intervals",
     .range = {0, 100000}},
    bootstrap);
  f({.name = "profit",
     .text = "Classifiers: chooses the threshold of the largest profit; it travels with the model, and scores tell the "
             "decision"},
    profit);
}

Json number_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Judgement judge_classifier(const JudgedRows& rows, const JudgementParams& params, double threshold,
                           const StepContext& step) {
  const BinaryQuestion question{.bootstrap = bootstrap_of(params, step),
                                .value = params.profit.value,
                                .cost = params.profit.cost,
                                .threshold = threshold};
  const BinaryMetrics judged = binary_metrics(rows, question, step.folder.string(), step.context);
  const bool profit = params.profit.given();
  const std::size_t asked = binary_figure_count - (profit ? 0 : 1);
  Judgement result;
  enter(judged, judged.of_rows.figures, binary_figure_names, asked, result.metrics);
  result.metrics["judged_positives"] = judged.positives;
  result.metrics["roc_auc_se"] = number_or_null(std::sqrt(judged.roc_auc_variance));
  result.tables = {figures_table(judged, judged.of_rows.figures, binary_figure_names, asked), roc_table(judged),
                   precision_recall_table(judged), gains_table(judged), calibration_table(judged)};
  if (!profit) return result;
  // Infinite: nobody is worth the cost, and no probability is above this.
  result.threshold = std::isnan(threshold) ? std::min(judged.best_threshold, 2.0) : threshold;
  result.metrics["threshold"] = result.threshold;
  result.tables.push_back(profit_table(judged, params.profit));
  return result;
}

Judgement judge_numbers(const JudgedRows& rows, const JudgementParams& params, const StepContext& step) {
  const RegressionMetrics judged = regression_metrics(rows, bootstrap_of(params, step), step.context);
  Judgement result;
  enter(judged, judged.figures, regression_figure_names, regression_figure_count, result.metrics);
  result.tables = {figures_table(judged, judged.figures, regression_figure_names, regression_figure_count)};
  if (std::isnan(params.deviance_power)) return result;
  const DevianceMetrics deviance = deviance_metrics(params.deviance_power, rows, step.context);
  result.metrics["tweedie_deviance"] = number_or_null(deviance.mean_deviance);
  result.metrics["d2"] = number_or_null(deviance.d2);
  return result;
}

}  // namespace cohort
