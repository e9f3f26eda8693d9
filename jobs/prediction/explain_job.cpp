// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/explain_job.hpp"

#include <algorithm>
#include <numeric>

#include "algorithms/evaluation/feature_effects.hpp"
#include "algorithms/evaluation/weak_slices.hpp"
#include "jobs/prediction/loaded_model.hpp"

namespace cohort {
namespace {

/// Values of a feature at which dependence is told, and how they read.
struct Grid {
  std::vector<double> values;
  std::vector<Json> shown;
};

/// Some of a number's quantiles, or the most frequent levels that the data have too.
Grid grid_of(const FeatureProfile& profile, const std::vector<std::string>& labels, std::int64_t points) {
  Grid grid;
  const auto most = static_cast<std::size_t>(points);
  if (profile.categorical == 0) {
    const std::size_t count = std::min(most, profile.cuts.size());
    for (std::size_t i = 0; i < count; ++i) {
      const double cut = profile.cuts[count == 1 ? 0 : i * (profile.cuts.size() - 1) / (count - 1)];
      grid.values.push_back(cut);
      grid.shown.emplace_back(cut);
    }
    return grid;
  }
  for (const std::string& level : profile.levels) {
    const auto found = std::ranges::find(labels, level);
    if (found == labels.end() || grid.values.size() == most) continue;
    grid.values.push_back(static_cast<double>(found - labels.begin()));
    grid.shown.emplace_back(level);
  }
  return grid;
}

ResultTable importance_table(const FeatureEffects& effects, const std::vector<FeatureProfile>& profiles) {
  ResultTable table{.name = "importance",
                    .title = "Permutation importance: how much the loss grows without a feature",
                    .columns = {"feature", "increase", "low", "high"},
                    .rows = {}};
  std::vector<std::size_t> order(profiles.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t j) { return effects.importance[j].increase; });
  for (const std::size_t j : order) {
    const FeatureEffects::Importance& of = effects.importance[j];
    const double half = 1.959963984540054 * of.standard_error;
    table.rows.push_back({profiles[j].name, of.increase, of.increase - half, of.increase + half});
  }
  table.chart = {{"type", "interval"}, {"x", "feature"}, {"y", {"increase", "low", "high"}}};
  return table;
}

ResultTable dependence_table(const FeatureEffects& effects, const std::vector<FeatureProfile>& profiles,
                             const std::vector<Grid>& grids) {
  ResultTable table{.name = "partial_dependence",
                    .title = "Partial dependence: the mean prediction if all had this value",
                    .columns = {"feature", "value", "prediction"},
                    .rows = {}};
  for (std::size_t j = 0; j < profiles.size(); ++j) {
    for (std::size_t i = 0; i < grids[j].shown.size(); ++i) {
      table.rows.push_back({profiles[j].name, grids[j].shown[i], effects.dependence[j][i]});
    }
  }
  return table;
}

ResultTable slices_table(const WeakSlices& weak, std::int64_t rows) {
  ResultTable table{
      .name = "weakest_slices",
      .title = "Weakest slices: of whom the model knows less than of others",
      .columns = {"slice", "customers", "customer_share", "loss", "loss_elsewhere", "bias", "p_value", "q_value"},
      .rows = {}};
  for (const WeakSlice& slice : weak.slices) {
    table.rows.push_back({slice.name, slice.rows, static_cast<double>(slice.rows) / static_cast<double>(rows),
                          slice.loss, slice.loss_elsewhere, slice.bias, slice.p_value, slice.q_value});
  }
  return table;
}

}  // namespace

void ExplainJob::Params::describe(Fields& f) {
  f({.name = "model", .text = "model.h5 of a finished step; a path, also relative to --out", .required = true}, model);
  f({.name = "data",
     .text = "Rows to explain it by: the id of an earlier step that left a table, 'dataset', or a folder"},
    data);
  f({.name = "label",
     .text = "Column that was predicted; default: the one the model learned",
     .aliases = {"labelCol", "y"}},
    label);
  f({.name = "positive",
     .text = "Of a model of several classes: the one to explain, against the rest; default: the last"},
    positive);
  f({.name = "n_repeats", .text = "How often each feature's values are dealt out anew", .range = {1, 1000}}, n_repeats);
  f({.name = "rows", .text = "About so many rows tell importance and dependence; 0: all", .range = {0, 1e12}}, rows);
  f({.name = "grid", .text = "Values of each feature at which dependence is told", .range = {1, 31}}, grid);
  f({.name = "min_slice", .text = "Customers that a slice must have", .range = {2, 1e12}}, min_slice);
  f({.name = "random_state", .text = "Seed of the draws; 0: the job's", .aliases = {"seed"}}, random_state);
}

std::vector<std::string> ExplainJob::inputs(const Params& params, const std::filesystem::path& out) {
  return {model_path(params.model, out)};
}

StepResult ExplainJob::run(const Params& params, const StepContext& step) {
  const ModelOnTable on(params.model, params.data, params.label, step, params.positive);
  const std::vector<FeatureProfile>& profiles = on.model.card.columns;
  const LabelledRows rows = on.labelled();
  const RowLoss loss = on.model.classifies ? RowLoss::logarithmic : RowLoss::squared;
  FeatureEffects::Params asked{
      .repeats = params.n_repeats,
      .rows = params.rows,
      .seed = static_cast<std::uint64_t>(params.random_state != 0 ? params.random_state : step.job.run.random_state)};
  std::vector<Grid> grids;
  for (std::size_t j = 0; j < profiles.size(); ++j) {
    grids.push_back(grid_of(profiles[j], rows.labels[j], params.grid));
    asked.grid.push_back(grids.back().values);
  }
  const FeatureEffects effects = feature_effects(rows, on.predict, loss, asked, step.context);
  if (effects.rows == 0) {
    throw Error(ExitCode::bad_data, fmt::format("no row of {} has a label", params.data), "look at data and label");
  }
  const WeakSlices weak = weak_slices(rows, profiles, on.predict, loss, {.min_rows = params.min_slice}, step.context);
  StepResult result{.metrics = {{"model_id", on.model.id},
                                {"customers", on.table->total_rows()},
                                {"rows_looked_at", effects.rows},
                                {on.model.classifies ? "log_loss" : "mse", effects.loss},
                                {"slices_looked_at", weak.looked_at},
                                {"weak_slices", weak.slices.size()}}};
  result.tables = {importance_table(effects, profiles), dependence_table(effects, profiles, grids),
                   slices_table(weak, on.table->total_rows())};
  return result;
}

}  // namespace cohort
