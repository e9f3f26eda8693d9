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
     .text = "none gives the maximum of the likelihood, with standard errors; l2 shrinks the coefficients by C",
     .choices = {"none", "l2"}},
    penalty);
  f({.name = "C",
     .text = "Inverse strength of the penalty, as in scikit-learn: C x sum of losses + sum of squared coefficients / 2",
     .range = {1e-300, 1e300}},
    C);
  f({.name = "class_weight",
     .text = "balanced weighs rows so that both classes count half",
     .choices = {"none", "balanced"}},
    class_weight);
  f({.name = "max_iter", .text = "Newton steps", .range = {1, 10000}, .aliases = {"maxIter"}}, max_iter);
  f({.name = "tol",
     .text = "Stop when coefficients are off by less than this many standard errors, and these by this share",
     .range = {0, 1}},
    tol);
  design.describe(f);
}

StepResult LogisticJob::run(const Params& params, const StepContext& step) {
  const Glm::Params glm{.family = GlmFamily::binomial,
                        .penalty = params.penalty == "l2" ? 1 / params.C : 0,
                        .balanced_classes = params.class_weight == "balanced",
                        .max_iter = params.max_iter,
                        .tol = params.tol,
                        .design = params.design};
  return run_linear(name, params, glm, step);
}

}  // namespace cohort
