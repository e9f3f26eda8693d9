// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/linear_job.hpp"

#include <algorithm>
#include <memory>

#include "core/collectively.hpp"
#include "io/model_file.hpp"
#include "jobs/prediction/linear_output.hpp"
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
  return {{"customers", customers},
          {"rows_learned_from", model.rows},
          {"coefficients", model.coefficients.size()},
          {"constant_terms", terms(Glm::Verdict::constant)},
          {"collinear_terms", terms(Glm::Verdict::collinear)},
          {"separated_terms", terms(Glm::Verdict::separated)},
          {"objective", model.loss},
          {"n_iter", model.n_iter},
          {"converged", model.converged != 0}};
}

Fitted fitted(const Glm::Model& model) {
  return [model](const TrainingTable& table) -> Predict {
    const auto scorer = std::make_shared<const Glm::Scorer>(model, table.features(), table.labels());
    return [scorer](const NumericBlock& block) { return scorer->means(block); };
  };
}

}  // namespace

StepResult run_linear(std::string_view kind, TrainingParams training, const Glm::Params& glm, const StepContext& step) {
  const Context& context = step.context;
  if (training.random_state == 0) training.random_state = step.job.run.random_state;
  const CustomerRows rows = open_customer_rows(step, training.input);
  const bool classifier = glm.family == GlmFamily::binomial;
  const TrainingTable table =
      made_collectively(context.comm, [&] { return TrainingTable(training, rows, classifier); });
  Glm::Model model;
  {
    const Metrics::Phase phase(context.metrics, context.comm, step.id + "/fit");
    model = Glm::fit(glm, {.table = table, .labels = table.labels()}, context);
    model.positive = table.positive();
  }
  StepResult result;
  result.metrics = metrics_of(model, table.total_rows());
  result.verdict = verdict_of(model);
  const Learn learn = [&](const NumericTable& kept, const Context& of_fit) {
    return fitted(Glm::fit(glm, {.table = kept, .labels = table.labels()}, of_fit));
  };
  const Judgement judgement = judge_training(table, rows, fitted(model), learn, step);
  result.metrics.update(judgement.metrics);
  result.tables = judgement.tables;
  result.tables.push_back(coefficients_table(model));
  const Metrics::Phase phase(context.metrics, context.comm, step.id + "/output");
  write_linear_scores(step, rows, model);
  collectively(context.comm, [&] {
    if (context.comm.rank() == 0) save_model((step.folder / "model.h5").string(), std::string(kind), model);
  });
  return result;
}

void LinearJob::Params::describe(Fields& f) {
  TrainingParams::describe(f);
  f({.name = "alpha",
     .text = "Ridge penalty, as in scikit-learn: sum of squared errors + alpha x sum of squared coefficients",
     .range = {0, 1e300},
     .aliases = {"regParam"}},
    alpha);
  design.describe(f);
}

StepResult LinearJob::run(const Params& params, const StepContext& step) {
  return run_linear(name, params, {.family = GlmFamily::gaussian, .penalty = params.alpha, .design = params.design},
                    step);
}

}  // namespace cohort
