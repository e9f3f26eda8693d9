// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/elastic_quadratic.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "algorithms/linear/linear_cholesky.hpp"

namespace cohort {
namespace {

constexpr double settled = 1e-9;  // of the squares a sweep still wins: the signs may be right by now

/// Coordinate descent at work; `rest_` is linear - hessian x.
class Descent {
 public:
  Descent(const ElasticQuadratic& problem, std::vector<double> start)
      : problem_(problem), full_(problem.hessian), x_(std::move(start)) {
    for (std::int64_t i = 0; i < full_.rows; ++i) {
      for (std::int64_t j = 0; j < i; ++j) {
        full_.row(i)[static_cast<std::size_t>(j)] = full_.row(j)[static_cast<std::size_t>(i)];
      }
    }
    refresh();
  }

  ElasticSolution run(double tol, std::int64_t max_sweeps) {
    ElasticSolution solution;
    std::vector<std::int8_t> tried;
    while (true) {
      measure(solution);
      solution.converged = solution.gap <= tol * problem_.squares;
      if (solution.converged || solution.sweeps >= max_sweeps) break;
      double won = sweep(false);
      ++solution.sweeps;
      while (won > settled * problem_.squares && solution.sweeps < max_sweeps) {
        won = sweep(true);
        ++solution.sweeps;
      }
      // The same signs twice would give the same system again.
      if (std::vector<std::int8_t> found = signs(); found != tried) {
        solve_for(found);
        tried = std::move(found);
      }
      refresh();
    }
    solution.x = x_;
    return solution;
  }

 private:
  void refresh() {
    rest_ = problem_.linear;
    for (std::size_t j = 0; j < x_.size(); ++j) {
      if (x_[j] != 0) subtract(j, x_[j]);
    }
  }

  void subtract(std::size_t j, double times) {
    const std::span<const double> row = full_.row(static_cast<std::int64_t>(j));
    for (std::size_t i = 0; i < row.size(); ++i) rest_[i] -= times * row[i];
  }

  /// One round over the unknowns, or those that are not 0; returns how much the objective fell, about.
  double sweep(bool in_use_only) {
    double won = 0;
    for (std::size_t j = 0; j < x_.size(); ++j) {
      const double curvature = full_.row(static_cast<std::int64_t>(j))[j];
      if (problem_.active[j] == 0 || !(curvature > 0) || (in_use_only && x_[j] == 0)) continue;
      const double pull = rest_[j] + curvature * x_[j];
      const double size = std::max(std::abs(pull) - problem_.l1[j], 0.0);
      const double move = std::copysign(size, pull) / curvature - x_[j];
      if (move == 0) continue;
      x_[j] = size > 0 ? x_[j] + move : 0;
      subtract(j, move);
      won = std::max(won, curvature * move * move);
    }
    return won;
  }

  [[nodiscard]] std::vector<std::int8_t> signs() const {
    std::vector<std::int8_t> result;
    for (const double value : x_) result.push_back(static_cast<std::int8_t>((value > 0) - (value < 0)));
    return result;
  }

  /// The optimum among those with these signs, taken if it has them.
  void solve_for(const std::vector<std::int8_t>& signs) {
    std::vector<std::uint8_t> used(x_.size());
    std::vector<double> right(x_.size());
    for (std::size_t j = 0; j < x_.size(); ++j) {
      used[j] = problem_.active[j] != 0 && signs[j] != 0 ? 1 : 0;
      right[j] = problem_.linear[j] - problem_.l1[j] * signs[j];
    }
    const Cholesky factor(problem_.hessian, used, 1e-12);
    if (factor.active() != used) return;
    std::vector<double> solved = factor.solve(right);
    for (std::size_t j = 0; j < x_.size(); ++j) {
      if (solved[j] * signs[j] < 0) return;
    }
    x_ = std::move(solved);
  }

  /// Objective and duality gap. The residual, scaled until no pull exceeds its penalty, is a point of the dual.
  void measure(ElasticSolution& solution) const {
    double fitted = 0, squared = 0, penalty = 0, scale = 1;
    for (std::size_t j = 0; j < x_.size(); ++j) {
      fitted += problem_.linear[j] * x_[j];
      squared += (problem_.linear[j] - rest_[j]) * x_[j];
      penalty += problem_.l1[j] * std::abs(x_[j]);
      if (problem_.active[j] != 0) scale = std::min(scale, problem_.l1[j] / std::abs(rest_[j]));
    }
    const double residual = std::max(problem_.squares - 2 * fitted + squared, 0.0);
    solution.objective = residual / 2 + penalty;
    const double with_label = problem_.squares - fitted;
    solution.gap = (1 + scale * scale) * residual / 2 + penalty - scale * with_label;
  }

  const ElasticQuadratic& problem_;
  Matrix full_;
  std::vector<double> x_, rest_;
};

}  // namespace

ElasticQuadratic without_first(const ElasticQuadratic& problem) {
  const std::int64_t others = problem.hessian.rows - 1;
  const std::span<const double> first = problem.hessian.row(0);
  const double best = problem.linear[0] / first[0];
  ElasticQuadratic result{.hessian = Matrix(others, others)};
  for (std::int64_t i = 0; i < others; ++i) {
    const double share = first[static_cast<std::size_t>(i + 1)] / first[0];
    for (auto j = static_cast<std::size_t>(i); j < static_cast<std::size_t>(others); ++j) {
      result.hessian.row(i)[j] = problem.hessian.row(i + 1)[j + 1] - share * first[j + 1];
    }
    result.linear.push_back(problem.linear[static_cast<std::size_t>(i + 1)] -
                            best * first[static_cast<std::size_t>(i + 1)]);
  }
  result.squares = problem.squares - best * problem.linear[0];
  return result;
}

double first_beside(const ElasticQuadratic& problem, const std::vector<double>& others) {
  const std::span<const double> first = problem.hessian.row(0);
  const double explained = std::inner_product(others.begin(), others.end(), first.begin() + 1, 0.0);
  return (problem.linear[0] - explained) / first[0];
}

ElasticSolution solve_elastic(const ElasticQuadratic& problem, std::vector<double> start, double tol,
                              std::int64_t max_sweeps) {
  return Descent(problem, std::move(start)).run(tol, max_sweeps);
}

}  // namespace cohort
