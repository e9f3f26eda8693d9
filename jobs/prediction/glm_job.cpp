// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/glm_job.hpp"

#include "jobs/prediction/linear_job.hpp"

namespace cohort {
namespace {

GlmFamily family_of(const GlmJob::Params& params) {
  if (params.family == "poisson") return GlmFamily::poisson;
  if (params.family == "gamma") return GlmFamily::gamma;
  return {GlmFamily::Kind::power, params.power};
}

}  // namespace

void GlmJob::Params::describe(Fields& f) {
  TrainingParams::describe(f);
  f({.name = "family",
     .text = "Law of the label: poisson for counts, gamma for amounts above 0, tweedie for amounts of which many are 0",
     .choices = {"poisson", "gamma", "tweedie"}},
    family);
  f({.name = "power", .text = "tweedie: the variance is the mean to this power", .range = {1.01, 1.99}}, power);
  f({.name = "offset", .text = "Column added to the logarithm of the mean as it is: the log of an exposure"}, offset);
  f({.name = "exposure",
     .text = "Column of numbers above 0 that the mean is in proportion to, as days or visits; its log is the offset"},
    exposure);
  f({.name = "dispersion",
     .text =
         "family: 1 for poisson, Pearson's chi-squared / degrees of freedom else; pearson: the latter for all, which "
         "widens the intervals of counts that vary more than Poisson's",
     .choices = {"family", "pearson"}},
    dispersion);
  f({.name = "alpha",
     .text = "Strength of the penalty, as in scikit-learn: half the mean deviance + alpha x penalty",
     .range = {0, 1e300},
     .aliases = {"regParam"}},
    shrinkage.alpha);
  shrinkage.describe(f);
  errors.describe(f);
  solver.describe(f);
  limits.describe(f);
  design.describe(f);
}

void GlmJob::Params::check(const ConfigNode& node) const {
  TrainingParams::check(node);
  errors.check(node);
  solver.check(node, shrinkage.l1_share() > 0 && shrinkage.alpha > 0, errors);
  if (offset.empty() || exposure.empty()) return;
  throw node.error("offset and exposure say the same twice", "keep exposure, or offset, which is its logarithm");
}

StepResult GlmJob::run(const Params& params, const StepContext& step) {
  const ElasticPenalty& shrinkage = params.shrinkage;
  Glm::Params glm{
      .family = family_of(params),
      .penalty = shrinkage.alpha * (1 - shrinkage.l1_share()),
      .l1 = shrinkage.alpha * shrinkage.l1_share(),
      .mean_loss = true,
      .offset = params.exposure.empty() ? params.offset : fmt::format("log({})", params.exposure),
      .covariance = params.errors.kind(),
      .estimated_dispersion = params.dispersion == "pearson",
      .solver = params.solver.kind(),
      .max_iter = params.limits.max_iter,
      .tol = params.limits.tol,
      .sgd = params.solver.descent(params.random_state != 0 ? params.random_state : step.job.run.random_state),
      .design = params.design};
  if (!params.exposure.empty()) glm.design.recipe.log.push_back(params.exposure);
  TrainingParams training = params;
  training.cluster = params.errors.group;
  for (const std::string& also : {params.offset, params.exposure}) {
    if (!also.empty() && !training.features.empty()) training.features.push_back(also);
  }
  return run_linear(name, training, glm, step);
}

StepPlan GlmJob::plan(const Params& params, Forecast& forecast) {
  return plan_linear(params, forecast);
}

}  // namespace cohort
