// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/linear_job.hpp"

#include <algorithm>
#include <memory>

#include "algorithms/linear/elastic_path.hpp"
#include "core/collectively.hpp"
#include "jobs/prediction/linear_output.hpp"
#include "jobs/prediction/loaded_model.hpp"
#include "jobs/prediction/training_judgement.hpp"

namespace cohort {
namespace {

std::string verdict_of(const Glm::Model& model) {
  if (model.separated()) return "separated";
  return model.converged != 0 ? "ok" : "not_converged";
}

Json metrics_of(const Glm::Model& model, std::int64_t customers) {
  const auto terms = [&](Glm::Verdict verdict) {
    return std::ranges::count(model.verdicts, static_cast<std::int64_t>(verdict));
  };
  Json metrics{{"customers", customers},
               {"rows_learned_from", model.rows},
               {"coefficients", model.coefficients.size()},
               {"constant_terms", terms(Glm::Verdict::constant)},
               {"collinear_terms", terms(Glm::Verdict::collinear)},
               {"separated_terms", terms(Glm::Verdict::separated)},
               {"objective", number_or_null(model.loss)},
               {"n_iter", model.n_iter},
               {"converged", model.converged != 0}};
  if (model.law().kind == GlmFamily::Kind::power && model.pearson > 0) metrics["pearson_dispersion"] = model.pearson;
  if (model.clusters > 0) metrics["groups"] = model.clusters;
  return metrics;
}

}  // namespace

LabelledRows labelled_rows(const TrainingTable& table, const StepContext& step) {
  return {.table = table, .labels = table.labels(), .cluster = table.cluster(), .spill_folder = step.folder.string()};
}

StepResult run_linear(std::string_view kind, TrainingParams training, const Glm::Params& glm, const StepContext& step) {
  const Context& context = step.context;
  if (training.random_state == 0) training.random_state = step.job.run.random_state;
  const CustomerRows rows = open_customer_rows(step, training.input);
  const bool classifier = glm.family == GlmFamily::binomial;
  if (glm.family.kind == GlmFamily::Kind::power) training.judgement.deviance_power = glm.family.power;
  const TrainingTable table =
      made_collectively(context.comm, [&] { return TrainingTable(training, rows, classifier); });
  Glm::Model model;
  {
    const Metrics::Phase phase(context.metrics, context.comm, step.id + "/fit");
    model = Glm::fit(glm, labelled_rows(table, step), context);
    model.positive = table.positive();
  }
  StepResult result;
  result.metrics = metrics_of(model, table.total_rows());
  result.verdict = verdict_of(model);
  Glm::Params of_folds = glm;  // whose errors nobody asks for
  of_folds.covariance = Glm::Covariance::nonrobust;
  const Learn learn = [&](const NumericTable& kept, const Context& of_fit) {
    return fitted_linear(Glm::fit(of_folds, {.table = kept, .labels = table.labels()}, of_fit));
  };
  Judgement judgement = judge_training(table, rows, fitted_linear(model), learn, step);
  ModelCard card = make_card(table, rows, judgement, step);
  result.metrics.update(judgement.metrics);
  if (result.verdict == "ok" && !judgement.metrics["leak_suspects"].empty()) result.verdict = "leak_suspect";
  result.tables = std::move(judgement.tables);
  result.tables.push_back(coefficients_table(model));
  if (!model.epochs.empty()) result.tables.push_back(epochs_table(model));
  const Metrics::Phase phase(context.metrics, context.comm, step.id + "/output");
  const double threshold = card.threshold;
  const std::string id = save_with_card(step, std::string(kind), model, std::move(card));
  if (training.scores) write_linear_scores(step, rows, model, {.threshold = threshold, .model_id = id});
  return result;
}

void LinearJob::Params::describe(Fields& f) {
  TrainingParams::describe(f);
  f({.name = "alpha",
     .text = "Strength of the penalty, as in scikit-learn. l2 (Ridge): sum of squared errors + alpha x sum of squared "
             "coefficients. l1 and elasticnet (Lasso, ElasticNet): half the mean squared error + alpha x penalty",
     .range = {0, 1e300},
     .aliases = {"regParam"}},
    shrinkage.alpha);
  shrinkage.describe(f);
  f({.name = "path",
     .text =
         "l1 and elasticnet: a table of so many models, from the least alpha that leaves no coefficient on; 0: none",
     .range = {0, 1000},
     .aliases = {"n_alphas"}},
    path);
  f({.name = "eps", .text = "The path's last alpha as a share of its first", .range = {1e-9, 1}}, eps);
  errors.describe(f);
  solver.describe(f);
  design.describe(f);
}

void LinearJob::Params::check(const ConfigNode& node) const {
  TrainingParams::check(node);
  errors.check(node);
  solver.check(node, shrinkage.l1_share() > 0 && shrinkage.alpha > 0, errors);
  if (path > 0 && shrinkage.l1_share() == 0) {
    throw node.error("a path is of models with an l1 penalty", "set penalty: l1 or elasticnet, or leave path out");
  }
}

StepResult LinearJob::run(const Params& params, const StepContext& step) {
  const ElasticPenalty& shrinkage = params.shrinkage;
  const Glm::Params glm{
      .family = GlmFamily::gaussian,
      .penalty = shrinkage.alpha * (1 - shrinkage.l1_share()),
      .l1 = shrinkage.alpha * shrinkage.l1_share(),
      .mean_loss = shrinkage.penalty != "l2",
      .covariance = params.errors.kind(),
      .solver = params.solver.kind(),
      .sgd = params.solver.descent(params.random_state != 0 ? params.random_state : step.job.run.random_state),
      .design = params.design};
  TrainingParams training = params;
  training.cluster = params.errors.group;
  StepResult result = run_linear(name, training, glm, step);
  if (params.path == 0) return result;
  const CustomerRows rows = open_customer_rows(step, params.input);
  const TrainingTable table =
      made_collectively(step.context.comm, [&] { return TrainingTable(training, rows, false); });
  const ElasticPath path = ElasticPath::fit(
      {.l1_ratio = shrinkage.l1_share(), .alphas = params.path, .eps = params.eps, .design = params.design},
      labelled_rows(table, step), step.context);
  result.tables.push_back(path_table(path));
  return result;
}

StepPlan plan_scores(const PlannedTable& rows, const Forecast& forecast) {
  constexpr double bins = 14 * 0x1p20, row_bytes = 100;  // ranks and deciles come from an exchange of the scores
  return {.rows = rows.rows,
          .memory_bytes = Forecast::program_bytes + forecast.threads * Forecast::thread_bytes + bins +
                          rows.rows / forecast.ranks * row_bytes,
          .payload_bytes = rows.rows * 16,
          .disk_bytes = Forecast::step_bytes + rows.rows * 100,
          .time_s = 0.05 + rows.rows * 1.6e-6 / forecast.workers(),
          .rows_metric = "customers",
          .smaller = "run on more ranks, or set `scores: false`"};
}

StepPlan plan_linear(const TrainingParams& training, Forecast& forecast) {
  const PlannedTable* rows = forecast.table(training.input);
  if (rows == nullptr) return {};
  const double columns =
      training.features.empty() ? rows->numbers() - 1 : static_cast<double>(training.features.size());
  constexpr double profile = 31;  // quantiles of each feature, for the model's card
  const QuantileCost quantiles = quantile_cost(forecast, rows->rows, columns, profile);
  const double fixed = Forecast::program_bytes + forecast.threads * (Forecast::thread_bytes + columns * columns * 32);
  StepPlan plan = plan_scores(*rows, forecast);
  plan.memory_bytes = std::max(*plan.memory_bytes, fixed + quantiles.memory_bytes);
  plan.payload_bytes = *plan.payload_bytes + quantiles.payload_bytes + forecast.ranks * 15e6;
  if (!training.scores) plan.disk_bytes = Forecast::step_bytes;
  plan.time_s = 0.1 + (quantiles.cpu_s + rows->rows * (3.2e-6 + columns * columns * 5e-9)) / forecast.workers();
  if (training.cross_validate.n_splits > 0 || training.learning_curve) plan.time_s.reset();
  forecast.tables[forecast.id] = {
      .rows = rows->rows,
      .columns = {rows->columns.front(), {.name = "prediction", .type = ColumnType::float64}},
      .shards = rows->shards};
  return plan;
}

StepPlan LinearJob::plan(const Params& params, Forecast& forecast) {
  return plan_linear(params, forecast);
}

}  // namespace cohort
