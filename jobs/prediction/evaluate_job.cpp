// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/evaluate_job.hpp"

#include <algorithm>

#include "jobs/prediction/judged_answers.hpp"
#include "jobs/prediction/loaded_model.hpp"

namespace cohort {
namespace {

constexpr double shifted_from = 0.1, drifted_from = 0.25;  // the usual reading of the index (Siddiqi 2006)

/// Collective. Each feature's spread against that when the model learned; the most drifted first.
ResultTable drift_table(const ModelOnTable& on, const Context& context, Json& metrics) {
  ResultTable table{.name = "drift",
                    .title = "Features against those the model learned from",
                    .columns = {"feature", "psi", "missing_share", "missing_share_learned", "note"},
                    .rows = {}};
  const std::vector<FeatureProfile>& learned = on.model.card.columns;
  const std::vector<std::vector<double>> found = shares_in(learned, on.labelled(), context);
  std::int64_t drifted = 0;
  for (std::size_t j = 0; j < learned.size(); ++j) {
    const double index = population_stability_index(learned[j].shares, found[j]);
    drifted += index >= drifted_from ? 1 : 0;
    table.rows.push_back({learned[j].name, index, found[j].back(), learned[j].shares.back(),
                          index >= drifted_from   ? "drifted"
                          : index >= shifted_from ? "shifted"
                                                  : ""});
  }
  std::ranges::stable_sort(table.rows, std::greater<>(), [](const auto& row) { return row[1].template get<double>(); });
  table.chart = {{"type", "bar"}, {"x", "feature"}, {"y", {"psi"}}};
  metrics["psi_max"] = table.rows.empty() ? Json(nullptr) : table.rows.front()[1];
  metrics["drifted_features"] = drifted;
  return table;
}

/// Metrics beside those the model had when it was made.
ResultTable then_and_now(const Json& then, const Json& now) {
  ResultTable table{.name = "then_and_now",
                    .title = "Metrics beside those when the model was made",
                    .columns = {"metric", "then", "now", "low", "high"},
                    .rows = {}};
  for (const auto& [name, value] : now.items()) {
    if (!value.is_number() || name.starts_with("judged_") || !then.contains(name) || name.ends_with("_low") ||
        name.ends_with("_high") || name.ends_with("_se") || name == "threshold") {
      continue;
    }
    table.rows.push_back(
        {name, then[name], value, now.value(name + "_low", Json(nullptr)), now.value(name + "_high", Json(nullptr))});
  }
  return table;
}

}  // namespace

void EvaluateJob::Params::describe(Fields& f) {
  f({.name = "model", .text = "model.h5 of a finished step; a path, also relative to --out", .required = true}, model);
  f({.name = "data", .text = "Rows to judge by: the id of an earlier step that left a table, 'dataset', or a folder"},
    data);
  f({.name = "label",
     .text = "Column that was predicted; default: the one the model learned",
     .aliases = {"labelCol", "y"}},
    label);
  f({.name = "weight", .text = "Column of row weights; 0 leaves a row out", .aliases = {"weightCol"}}, weight);
  judgement.describe(f);
}

std::vector<std::string> EvaluateJob::inputs(const Params& params, const std::filesystem::path& out) {
  return {model_path(params.model, out)};
}

StepResult EvaluateJob::run(const Params& params, const StepContext& step) {
  const ModelOnTable on(params.model, params.data, params.label, params.weight, step);
  const ModelCard& card = on.model.card;
  JudgementParams judgement = params.judgement;
  // The threshold travels with the model unless another profit is asked for.
  const double threshold = judgement.profit.given() ? std::numeric_limits<double>::quiet_NaN() : card.threshold;
  if (!judgement.profit.given()) judgement.profit = {.value = card.value, .cost = card.cost};
  judgement.deviance_power = on.model.deviance_power;
  Judgement judged = judged_answers(*on.table, on.rows, on.predict, JudgedBy::learned_from, step.context)
                         .judge(judgement, threshold, step);
  if (judged.metrics["judged_rows"] == 0) {
    throw Error(ExitCode::bad_data, fmt::format("no row of {} has a label", params.data), "look at data and label");
  }
  StepResult result{.metrics = {{"model_id", on.model.id}}};
  result.metrics.update(judged.metrics);
  result.tables = std::move(judged.tables);
  result.tables.push_back(then_and_now(Json::parse(card.metrics), judged.metrics));
  result.tables.push_back(drift_table(on, step.context, result.metrics));
  return result;
}

}  // namespace cohort
