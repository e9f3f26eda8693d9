// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/softmax_job.hpp"

#include <algorithm>
#include <limits>

#include "algorithms/linear/linear_inference.hpp"
#include "core/collectively.hpp"
#include "jobs/prediction/linear_output.hpp"
#include "jobs/prediction/loaded_model.hpp"
#include "jobs/prediction/training_judgement.hpp"

namespace cohort {
namespace {

Json metrics_of(const Softmax::Model& model, std::int64_t customers) {
  const auto terms = [&](Glm::Verdict verdict) {
    return std::ranges::count(model.verdicts, static_cast<std::int64_t>(verdict));
  };
  return {{"customers", customers},
          {"rows_learned_from", model.rows},
          {"classes", model.classes.size()},
          {"reference_class", model.classes.front()},
          {"coefficients", model.coefficients.size()},
          {"constant_terms", terms(Glm::Verdict::constant)},
          {"collinear_terms", terms(Glm::Verdict::collinear)},
          {"separated_terms", terms(Glm::Verdict::separated)},
          {"objective", model.loss},
          {"n_iter", model.n_iter},
          {"converged", model.converged != 0}};
}

Softmax::Params asked(const SoftmaxJob::Params& params) {
  return {.penalty = params.penalty == "none" ? 0 : 1 / params.C,
          .balanced_classes = params.class_weight == "balanced",
          .solver = SolverChoice{.solver = params.solver}.kind(),
          .max_iter = params.limits.max_iter,
          .tol = params.limits.tol,
          .design = params.design};
}

}  // namespace

void SoftmaxJob::Params::describe(Fields& f) {
  TrainingParams::describe(f);
  f({.name = "penalty",
     .text = "none gives the maximum of the likelihood, with standard errors; l2 shrinks the coefficients of all "
             "classes alike by C",
     .choices = {"none", "l2"}},
    penalty);
  f({.name = "C",
     .text = "Inverse strength of the penalty, as in scikit-learn: C x sum of losses + half the sum of squared "
             "coefficients, over all classes",
     .range = {1e-300, 1e300}},
    C);
  f({.name = "class_weight",
     .text = "balanced weighs rows so that all classes count alike",
     .choices = {"none", "balanced"}},
    class_weight);
  f({.name = "solver",
     .text = "newton gives standard errors; lbfgs needs no matrix of coefficients x coefficients and gives none; "
             "auto takes newton up to 2000 coefficients",
     .choices = {"auto", "newton", "lbfgs"}},
    solver);
  limits.describe(f);
  design.describe(f);
}

void SoftmaxJob::Params::check(const ConfigNode& node) const {
  TrainingParams::check(node);
  if (judgement.profit.given()) {
    throw node.error("profit is of a yes or no, and this label has several classes",
                     "use the logistic job with positive");
  }
  if (design.recipe.target.empty() && design.recipe.woe.empty()) return;
  throw node.error("recipe.target and recipe.woe code a level by the mean of its labels, and classes have none",
                   "use recipe.hash, or leave the category as it is");
}

StepResult SoftmaxJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  TrainingParams training = params;
  if (training.random_state == 0) training.random_state = step.job.run.random_state;
  const CustomerRows rows = open_customer_rows(step, training.input);
  training.classes = classes_of(rows, training.label, context);
  const TrainingTable table = made_collectively(context.comm, [&] { return TrainingTable(training, rows, false); });
  const Learn learn = [&](const NumericTable& kept, const Context& of_fit) {
    const LabelledRows labelled{.table = kept, .labels = table.labels()};
    return fitted_softmax(Softmax::fit(asked(params), training.classes, labelled, of_fit));
  };
  Softmax::Model model;
  {
    const Metrics::Phase phase(context.metrics, context.comm, step.id + "/fit");
    model = Softmax::fit(asked(params), training.classes, {.table = table, .labels = table.labels()}, context);
  }
  StepResult result{.metrics = metrics_of(model, table.total_rows())};
  result.verdict = model.separated() ? "separated" : model.converged != 0 ? "ok" : "not_converged";
  Judgement judgement = judge_training(table, rows, fitted_softmax(model), learn, step);
  ModelCard card = make_card(table, rows, judgement, step);
  result.metrics.update(judgement.metrics);
  if (result.verdict == "ok" && !judgement.metrics["leak_suspects"].empty()) result.verdict = "leak_suspect";
  result.tables = std::move(judgement.tables);
  result.tables.push_back(class_coefficients_table(model));
  const Metrics::Phase phase(context.metrics, context.comm, step.id + "/output");
  const std::string id = save_with_card(step, std::string(name), model, std::move(card));
  if (training.scores) write_class_scores(step, rows, model, id);
  return result;
}

ResultTable class_coefficients_table(const Softmax::Model& model) {
  ResultTable table{
      .name = "coefficients",
      .title =
          fmt::format("Log-odds against {} in the units of the columns, with 95 % intervals", model.classes.front()),
      .columns = {"class", "term", "coefficient", "standard_error", "statistic", "p_value", "low", "high", "note"},
      .rows = {}};
  constexpr double normal = std::numeric_limits<double>::infinity();
  const double half = interval_half_width(normal);
  for (std::size_t i = 0; i < model.coefficients.size(); ++i) {
    const double value = model.coefficients[i], error = model.standard_errors[i];
    const std::size_t j = i % model.size();
    const bool given = error > 0;
    table.rows.push_back({model.classes[i / model.size() + 1], j == 0 ? "(intercept)" : model.design.terms[j - 1].name,
                          value, number_or_null(error), given ? number_or_null(value / error) : nullptr,
                          given ? number_or_null(two_sided_p(value / error, normal)) : nullptr,
                          number_or_null(value - half * error), number_or_null(value + half * error),
                          coefficient_note(model.verdicts[i])});
  }
  return table;
}

}  // namespace cohort
