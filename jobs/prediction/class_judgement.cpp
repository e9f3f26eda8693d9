// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/class_judgement.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/linear/softmax.hpp"

namespace cohort {
namespace {

void enter_figures(const ClassMetrics& of, Judgement& result) {
  ResultTable table{.name = "metrics",
                    .title = "Metrics with 95 % intervals",
                    .columns = {"metric", "value", "low", "high"},
                    .rows = {}};
  result.metrics["judged_rows"] = of.rows;
  for (std::size_t f = 0; f < class_figure_count; ++f) {
    const std::string name(class_figure_names[f]);
    result.metrics[name] = number_or_null(of.figures[f]);
    if (!std::isfinite(of.figures[f])) continue;
    table.rows.push_back({name, of.figures[f], number_or_null(of.low[f]), number_or_null(of.high[f])});
    if (!std::isfinite(of.low[f])) continue;
    result.metrics[name + "_low"] = of.low[f];
    result.metrics[name + "_high"] = number_or_null(of.high[f]);
  }
  result.tables.push_back(std::move(table));
}

/// Collective. Each class against the rest; AUC with DeLong's interval, and the mean AUC as a metric.
void enter_classes(const ClassMetrics& of, const JudgedClasses& judged, const std::vector<std::string>& classes,
                   const StepContext& step, Judgement& result) {
  ResultTable table{.name = "classes",
                    .title = "Each class against the rest",
                    .columns = {"class", "share", "precision", "recall", "f1", "roc_auc", "roc_auc_low", "roc_auc_high",
                                "average_precision"},
                    .rows = {}};
  double sum = 0, all = 0;
  for (std::size_t k = 0; k < classes.size(); ++k) all += of.of_class(k).weight;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    const BinaryMetrics binary =
        binary_metrics(judged.one_against_rest(k, classes.size()), {}, step.folder.string(), step.context);
    const auto auc = static_cast<std::size_t>(BinaryFigure::roc_auc);
    const ClassMetrics::OfClass one = of.of_class(k);
    sum += binary.of_rows.figures[auc];
    table.rows.push_back({classes[k], number_or_null(one.weight / all), one.precision, one.recall, one.f1,
                          number_or_null(binary.of_rows.figures[auc]), number_or_null(binary.low[auc]),
                          number_or_null(binary.high[auc]), number_or_null(binary[BinaryFigure::average_precision])});
  }
  table.chart = {{"type", "bar"}, {"x", "class"}, {"y", {"recall", "precision"}}};
  result.metrics["roc_auc_ovr"] = number_or_null(sum / static_cast<double>(classes.size()));
  result.tables.push_back(std::move(table));
}

ResultTable confusion_table(const ClassMetrics& of, const std::vector<std::string>& classes) {
  ResultTable table{.name = "confusion",
                    .title = "Confusion: what customers are, and what the model says they are",
                    .columns = {"label", "prediction", "customers", "share_of_label"},
                    .rows = {}};
  for (std::size_t label = 0; label < classes.size(); ++label) {
    const double weight = of.of_class(label).weight;
    for (std::size_t k = 0; k < classes.size(); ++k) {
      table.rows.push_back(
          {classes[label], classes[k], of.weight(label, k), number_or_null(of.weight(label, k) / weight)});
    }
  }
  table.chart = {{"type", "heatmap"}, {"x", "prediction"}, {"y", {"label"}}, {"value", "share_of_label"}};
  return table;
}

}  // namespace

void JudgedClasses::add(std::size_t block, std::span<const double> said, double label, double weight,
                        std::uint64_t key) {
  const auto at = static_cast<std::size_t>(label);
  rows[block].push_back({.label = static_cast<std::int32_t>(at),
                         .predicted = static_cast<std::int32_t>(Softmax::Scorer::most_probable(said)),
                         .probability = said[at],
                         .weight = weight,
                         .key = key});
  probabilities[block].insert(probabilities[block].end(), said.begin(), said.end());
}

JudgedRows JudgedClasses::one_against_rest(std::size_t k, std::size_t classes) const {
  JudgedRows result(rows.size());
  for (std::size_t b = 0; b < rows.size(); ++b) {
    for (std::size_t i = 0; i < rows[b].size(); ++i) {
      const ClassRow& row = rows[b][i];
      result[b].push_back({.prediction = probabilities[b][i * classes + k],
                           .label = static_cast<std::size_t>(row.label) == k ? 1.0 : 0.0,
                           .weight = row.weight,
                           .key = row.key});
    }
  }
  return result;
}

Judgement judge_classes(const JudgedClasses& judged, const std::vector<std::string>& classes,
                        const JudgementParams& params, const StepContext& step) {
  const Bootstrap bootstrap{.replicates = params.bootstrap,
                            .seed = static_cast<std::uint64_t>(step.job.run.random_state)};
  const ClassMetrics metrics = class_metrics(judged.rows, classes.size(), bootstrap, step.context);
  Judgement result;
  enter_figures(metrics, result);
  enter_classes(metrics, judged, classes, step, result);
  result.tables.push_back(confusion_table(metrics, classes));
  return result;
}

}  // namespace cohort
