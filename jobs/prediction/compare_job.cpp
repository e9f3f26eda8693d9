// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/compare_job.hpp"

#include "core/error.hpp"
#include "jobs/prediction/compared_models.hpp"

namespace cohort {
namespace {

constexpr double more_than_chance = 0.05;  // p below it

/// Whichever of two models is better by more than chance; null where neither is.
Json better_of(const std::string& first, const std::string& other, const ComparedMetric& metric) {
  if (!(metric.of.p_value < more_than_chance)) return nullptr;
  return (metric.of.difference < 0) == metric.is_loss ? other : first;
}

void enter_metrics(const std::string& model, const std::vector<ComparedMetric>& found, Json& metrics) {
  for (const ComparedMetric& metric : found) {
    const Json difference = number_or_null(metric.of.difference), p_value = number_or_null(metric.of.p_value);
    metrics[fmt::format("{}_{}_difference", model, metric.name)] = difference;
    metrics[fmt::format("{}_{}_p_value", model, metric.name)] = p_value;
    if (metric.name != "roc_auc") continue;
    metrics[model + "_difference"] = difference;
    metrics[model + "_p_value"] = p_value;
  }
}

ResultTable comparison_table(const std::vector<std::string>& models, const Comparison& found) {
  ResultTable table{.name = "comparison",
                    .title = "Each model against the first, by the same customers",
                    .columns = {"model", "metric", "value", "difference", "standard_error", "p_value", "better"},
                    .rows = {}};
  for (std::size_t m = 0; m < models.size(); ++m) {
    for (const ComparedMetric& metric : found.models[m]) {
      const PairedMean& of = metric.of;
      table.rows.push_back({models[m], metric.name, number_or_null(of.mean), nullptr, nullptr, nullptr, nullptr});
      if (m == 0) continue;
      table.rows.back() = {models[m],
                           metric.name,
                           number_or_null(of.mean),
                           number_or_null(of.difference),
                           number_or_null(of.standard_error),
                           number_or_null(of.p_value),
                           better_of(models[0], models[m], metric)};
    }
  }
  return table;
}

}  // namespace

void CompareJob::Params::describe(Fields& f) {
  f({.name = "input", .text = "Rows to judge by: the id of an earlier step that left a table, 'dataset', or a folder"},
    input);
  f({.name = "label",
     .text = "Column that was predicted; default: the one the models learned",
     .aliases = {"labelCol", "y"}},
    label);
  f({.name = "weight", .text = "Column of row weights; 0 leaves a row out", .aliases = {"weightCol"}}, weight);
  f({.name = "models",
     .text = "Ids of two or more linear, glm, logistic or softmax steps that learned one label; each is compared with "
             "the first",
     .required = true},
    models);
}

void CompareJob::Params::check(const ConfigNode& node) const {
  if (models.size() < 2) throw node.error("models names fewer than two steps", "name those to compare");
}

StepResult CompareJob::run(const Params& params, const StepContext& step) {
  const ComparedModels on(params.models, params.input, params.label, params.weight, step);
  const Comparison found = compare_models(on, step);
  if (found.rows == 0) {
    throw Error(ExitCode::bad_data, fmt::format("no row of {} has a label", params.input), "look at input and label");
  }
  StepResult result{.metrics = {{"first", params.models.front()}, {"judged_rows", found.rows}}};
  for (std::size_t m = 1; m < params.models.size(); ++m) {
    enter_metrics(params.models[m], found.models[m], result.metrics);
  }
  result.tables.push_back(comparison_table(params.models, found));
  return result;
}

}  // namespace cohort
