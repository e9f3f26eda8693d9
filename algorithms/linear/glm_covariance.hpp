// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/linear/glm.hpp"
#include "algorithms/linear/glm_newton.hpp"
#include "algorithms/linear/glm_objective.hpp"
#include "algorithms/linear/linear_cholesky.hpp"

namespace cohort {

struct GlmCovariance {
  Matrix matrix;         ///< of the standardised coefficients
  Cholesky information;  ///< the expected one, without the dispersion
};

/// Collective. The covariance of the coefficients where Newton's method ended: the inverse information times the
/// dispersion, or a sandwich of rows' or clusters' gradients, as params.covariance says. Enters dispersion, Pearson's
/// chi-squared and clusters in the model. `freedom` is rows less coefficients.
[[nodiscard]] GlmCovariance glm_covariance(const Glm::Params& params, const GlmObjective& objective,
                                           const GlmNewton& newton, double freedom, Glm::Model& model);

}  // namespace cohort
