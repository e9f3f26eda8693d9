// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/glm_covariance.hpp"

#include <limits>

#include "algorithms/linear/glm_clusters.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

/// bread x meat x bread x factor, from the upper triangle of the meat.
Matrix sandwich(const Matrix& bread, const Matrix& meat, double factor) {
  const auto size = static_cast<std::size_t>(bread.rows);
  Matrix half(bread.rows, bread.rows), result(bread.rows, bread.rows);
  const auto meat_at = [&](std::size_t i, std::size_t j) {
    return meat.row(static_cast<std::int64_t>(std::min(i, j)))[std::max(i, j)];
  };
  for (std::size_t i = 0; i < size; ++i) {
    const std::span<double> row = half.row(static_cast<std::int64_t>(i));
    for (std::size_t k = 0; k < size; ++k) {
      for (std::size_t j = 0; j < size; ++j) row[j] += bread.row(static_cast<std::int64_t>(i))[k] * meat_at(k, j);
    }
  }
  for (std::size_t i = 0; i < size; ++i) {
    const std::span<double> row = result.row(static_cast<std::int64_t>(i));
    for (std::size_t k = 0; k < size; ++k) {
      const double times = factor * half.row(static_cast<std::int64_t>(i))[k];
      for (std::size_t j = 0; j < size; ++j) row[j] += times * bread.row(static_cast<std::int64_t>(k))[j];
    }
  }
  return result;
}

Matrix robust(const Glm::Params& params, const GlmObjective& objective, const GlmNewton& newton, double freedom,
              Glm::Model& model) {
  using Sums = GlmObjective::Sums;
  const Matrix bread = newton.last_factor()->inverse();
  const std::vector<double>& at = newton.coefficients();
  const auto rows = static_cast<double>(model.rows);
  switch (params.covariance) {
    case Glm::Covariance::hc3: return sandwich(bread, objective.evaluate(at, Sums::jackknife, bread).hessian, 1);
    case Glm::Covariance::cluster: {
      const ClusterScores scores = cluster_scores(objective, at);
      model.clusters = scores.clusters;
      const auto groups = static_cast<double>(scores.clusters);
      if (model.freedom <= freedom) model.freedom = groups - 1;  // where it is finite
      return sandwich(bread, scores.products, groups / (groups - 1) * (rows - 1) / freedom);
    }
    default: break;
  }
  const double factor = params.covariance == Glm::Covariance::hc1 ? rows / freedom : 1;
  return sandwich(bread, objective.evaluate(at, Sums::scores).hessian, factor);
}

}  // namespace

GlmCovariance glm_covariance(const Glm::Params& params, const GlmObjective& objective, const GlmNewton& newton,
                             double freedom, Glm::Model& model) {
  GlmCovariance result{.matrix = {}, .information = *newton.last_factor()};
  if (params.family.kind == GlmFamily::Kind::power) {
    const GlmEvaluation expected = objective.evaluate(newton.coefficients(), GlmObjective::Sums::information);
    result.information = Cholesky(expected.hessian, newton.last_factor()->active(), 0);
    model.pearson = freedom > 0 ? expected.loss / freedom : std::numeric_limits<double>::quiet_NaN();
    if (params.family != GlmFamily::poisson || params.estimated_dispersion) model.dispersion = model.pearson;
  }
  if (params.covariance != Glm::Covariance::nonrobust) {
    result.matrix = robust(params, objective, newton, freedom, model);
    return result;
  }
  result.matrix = result.information.inverse();
  for (double& element : result.matrix.values) element *= model.dispersion;
  return result;
}

}  // namespace cohort
