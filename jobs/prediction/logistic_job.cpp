// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/logistic_job.hpp"

#include "jobs/prediction/linear_job.hpp"

namespace cohort {

void LogisticJob::Params::describe(Fields& f) {
  TrainingParams::describe(f);
  f({.name = "positive",
     .text = "Value of the label whose probability is predicted; default: 1, or the later of two labels"},
    positive);
  f({.name = "penalty",
     .text = "none gives the maximum of the likelihood, with standard errors; l2 shrinks the coefficients by C, l1 "
             "takes the least useful out, elasticnet does both by l1_ratio",
     .choices = {"none", "l2", "l1", "elasticnet"}},
    penalty);
  f({.name = "C",
     .text = "Inverse strength of the penalty, as in scikit-learn: C x sum of losses + penalty, which is l1_ratio x "
             "sum of absolute coefficients + (1 - l1_ratio) / 2 x sum of their squares",
     .range = {1e-300, 1e300}},
    C);
  f({.name = "l1_ratio", .text = "elasticnet: the share of l1", .range = {0, 1}, .aliases = {"elasticNetParam"}},
    l1_ratio);
  f({.name = "class_weight",
     .text = "balanced weighs rows so that both classes count half",
     .choices = {"none", "balanced"}},
    class_weight);
  errors.describe(f);
  solver.describe(f);
  limits.describe(f);
  design.describe(f);
}

void LogisticJob::Params::check(const ConfigNode& node) const {
  TrainingParams::check(node);
  errors.check(node);
  solver.check(node, penalty == "l1" || penalty == "elasticnet", errors);
}

StepResult LogisticJob::run(const Params& params, const StepContext& step) {
  const double l1_share = params.penalty == "l1" ? 1 : params.penalty == "elasticnet" ? params.l1_ratio : 0;
  const double strength = params.penalty == "none" ? 0 : 1 / params.C;
  const Glm::Params glm{
      .family = GlmFamily::binomial,
      .penalty = strength * (1 - l1_share),
      .l1 = strength * l1_share,
      .balanced_classes = params.class_weight == "balanced",
      .covariance = params.errors.kind(),
      .solver = params.solver.kind(),
      .max_iter = params.limits.max_iter,
      .tol = params.limits.tol,
      .sgd = params.solver.descent(params.random_state != 0 ? params.random_state : step.job.run.random_state),
      .design = params.design};
  TrainingParams training = params;
  training.cluster = params.errors.group;
  return run_linear(name, training, glm, step);
}

StepPlan LogisticJob::plan(const Params& params, Forecast& forecast) {
  return plan_linear(params, forecast);
}

}  // namespace cohort
