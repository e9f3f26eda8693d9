// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/glm_loss.hpp"

#include <cmath>
#include <utility>

#include "core/elementary.hpp"

namespace cohort {
namespace {

/// The intercept of a model without terms.
double null_intercept(const Glm::Params& params, const ColumnMoments& label) {
  const double share = params.balanced_classes ? 0.5 : label.mean;
  switch (params.family.kind) {
    case GlmFamily::Kind::gaussian: return label.mean;
    case GlmFamily::Kind::binomial: return cohort::log(share / (1 - share));
    case GlmFamily::Kind::power: return cohort::log(label.mean);
  }
  return 0;
}

}  // namespace

GlmLoss::GlmLoss(const Glm::Params& params, const FittedDesign& fitted, OfRows of_rows)
    : params_(params),
      of_rows_(std::move(of_rows)),
      null_(fitted.design.terms.size() + 1),
      l1_(null_.size()),
      l2_(null_.size()),
      movable_(null_.size(), 1) {
  null_[0] = null_intercept(params, fitted.label);
  for (std::size_t j = 1; j < null_.size(); ++j) {
    const DesignMatrix::Term& term = fitted.design.terms[j - 1];
    movable_[j] = term.sd > 0 && term.name != params.offset ? 1 : 0;
    if (term.name == params.offset) null_[j] = term.sd;
    if (movable_[j] == 0) continue;
    // The columns are standardised either way; a penalty on coefficients in their own units is one of 1 / sd^2 here.
    const double sd = params.design.scale == "standard" ? 1 : term.sd;
    l1_[j] = params.l1 / sd;
    l2_[j] = params.penalty / (sd * sd);
  }
}

GlmEvaluation GlmLoss::evaluate(const std::vector<double>& coefficients) {
  GlmEvaluation result = of_rows_(coefficients);
  if (!std::isfinite(result.loss)) return result;
  unit_ = params_.mean_loss ? result.weight : 1;
  for (std::size_t j = 0; j < coefficients.size(); ++j) {
    const double l2 = unit_ * l2_[j];
    result.loss += l2 * coefficients[j] * coefficients[j] / 2;
    result.gradient[j] -= l2 * coefficients[j];
    if (result.hessian.rows > 0) result.hessian.row(static_cast<std::int64_t>(j))[j] += l2;
  }
  result.loss += l1_of(coefficients);
  return result;
}

double GlmLoss::l1_of(const std::vector<double>& coefficients) const {
  double sum = 0;
  for (std::size_t j = 0; j < coefficients.size(); ++j) sum += l1_[j] * std::abs(coefficients[j]);
  return unit_ * sum;
}

}  // namespace cohort
