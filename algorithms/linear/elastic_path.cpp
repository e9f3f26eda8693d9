// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/elastic_path.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/linear/elastic_quadratic.hpp"
#include "algorithms/linear/glm_objective.hpp"
#include "core/elementary.hpp"

namespace cohort {
namespace {

constexpr double tol = 1e-12;
constexpr std::int64_t most_sweeps = 100'000;

/// Half the mean squared error about the mean label; the intercept, which is free, is solved for and gone.
ElasticQuadratic least_squares_of(const GlmEvaluation& at_mean, const DesignMatrix& design) {
  ElasticQuadratic whole{.hessian = at_mean.hessian, .linear = at_mean.gradient};
  for (double& element : whole.hessian.values) element /= at_mean.weight;
  for (double& element : whole.linear) element /= at_mean.weight;
  whole.squares = 2 * at_mean.loss / at_mean.weight;
  ElasticQuadratic result = without_first(whole);
  for (const DesignMatrix::Term& term : design.terms) result.active.push_back(term.sd > 0 ? 1 : 0);
  return result;
}

}  // namespace

ElasticPath ElasticPath::fit(const Params& params, const LabelledRows& rows, const Context& context) {
  const FittedDesign fitted = fit_design(params.design, rows, context);
  const std::vector<DesignMatrix::Term>& terms = fitted.design.terms;
  const GlmObjective objective(GlmFamily::gaussian, rows, fitted, {1}, context);
  std::vector<double> at_mean(terms.size() + 1);
  at_mean[0] = fitted.label.mean;
  const ElasticQuadratic least_squares = least_squares_of(objective.evaluate(at_mean), fitted.design);

  // A penalty on coefficients in the columns' units is one of 1 / sd on those of the standardised columns.
  const auto unit = [&](std::size_t j) { return params.design.scale == "standard" ? 1 : terms[j].sd; };
  ElasticPath path;
  double first = 0;
  for (std::size_t j = 0; j < terms.size(); ++j) {
    path.terms.push_back(terms[j].name);
    if (least_squares.active[j] == 0) continue;
    first = std::max(first, std::abs(least_squares.linear[j]) * unit(j) / params.l1_ratio);
  }
  std::vector<double> x(terms.size());
  for (std::int64_t k = 0; k < params.alphas; ++k) {
    const double share = params.alphas > 1 ? static_cast<double>(k) / static_cast<double>(params.alphas - 1) : 0;
    const double alpha = first * cohort::exp(share * cohort::log(params.eps));
    ElasticQuadratic problem = least_squares;
    for (std::size_t j = 0; j < terms.size(); ++j) {
      const double per_unit = problem.active[j] != 0 ? alpha / unit(j) : 0;
      problem.l1.push_back(params.l1_ratio * per_unit);
      if (problem.active[j] != 0) {
        problem.hessian.row(static_cast<std::int64_t>(j))[j] += (1 - params.l1_ratio) * per_unit / unit(j);
      }
    }
    const ElasticSolution solution = solve_elastic(problem, x, tol, most_sweeps);
    x = solution.x;
    Point point{.alpha = alpha, .objective = solution.objective, .gap = solution.gap, .sweeps = solution.sweeps};
    double explained = 0;
    for (std::size_t j = 0; j < x.size(); ++j) {
      point.nonzero += x[j] != 0 ? 1 : 0;
      point.coefficients.push_back(x[j] != 0 ? x[j] / terms[j].sd : 0);
      const std::span<const double> row = least_squares.hessian.row(static_cast<std::int64_t>(j));
      explained += x[j] * (2 * least_squares.linear[j] - row[j] * x[j]);
      for (std::size_t i = j + 1; i < x.size(); ++i) explained -= 2 * x[j] * row[i] * x[i];
    }
    point.r2 = least_squares.squares > 0 ? explained / least_squares.squares : 0;
    path.points.push_back(std::move(point));
  }
  return path;
}

}  // namespace cohort
