// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/elastic_quadratic.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.hpp"

namespace cohort::testing {
namespace {

constexpr std::size_t terms = 6, rows = 40;

/// Least squares of a label on correlated columns; the last column is the first again.
ElasticQuadratic planted(double l1) {
  std::vector<std::vector<double>> x(rows, std::vector<double>(terms));
  std::vector<double> y(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    RandomStream stream(3, "elastic_quadratic_test", i);
    for (std::size_t j = 0; j + 1 < terms; ++j) x[i][j] = stream.normal() + (j > 0 ? x[i][j - 1] / 2 : 0);
    x[i][terms - 1] = x[i][0];
    y[i] = 3 * x[i][0] - 2 * x[i][3] + stream.normal();
  }
  ElasticQuadratic problem{.hessian = Matrix(terms, terms),
                           .linear = std::vector<double>(terms),
                           .l1 = std::vector<double>(terms, l1),
                           .active = std::vector<std::uint8_t>(terms, 1)};
  for (std::size_t i = 0; i < rows; ++i) {
    problem.squares += y[i] * y[i];
    for (std::size_t j = 0; j < terms; ++j) {
      problem.linear[j] += x[i][j] * y[i];
      for (std::size_t k = j; k < terms; ++k) problem.hessian.row(static_cast<std::int64_t>(j))[k] += x[i][j] * x[i][k];
    }
  }
  return problem;
}

/// linear - hessian x of one unknown.
double rest(const ElasticQuadratic& problem, const std::vector<double>& x, std::size_t j) {
  double sum = problem.linear[j];
  for (std::size_t k = 0; k < x.size(); ++k) {
    sum -= problem.hessian.row(static_cast<std::int64_t>(std::min(j, k)))[std::max(j, k)] * x[k];
  }
  return sum;
}

TEST(ElasticQuadratic, MeetsTheConditionsOfAnOptimum) {
  for (const double l1 : {0.01, 1.0, 10.0, 60.0}) {
    const ElasticQuadratic problem = planted(l1);
    const ElasticSolution found = solve_elastic(problem, std::vector<double>(terms), 1e-13, 10000);
    EXPECT_TRUE(found.converged) << l1;
    for (std::size_t j = 0; j < terms; ++j) {
      const double pull = rest(problem, found.x, j);
      if (found.x[j] != 0) {
        EXPECT_NEAR(pull, std::copysign(l1, found.x[j]), 1e-6) << l1 << ' ' << j;
      } else {
        EXPECT_LE(std::abs(pull), l1 + 1e-6) << l1 << ' ' << j;
      }
    }
  }
}

TEST(ElasticQuadratic, AStrongPenaltyLeavesNothing) {
  const ElasticSolution found = solve_elastic(planted(1e6), std::vector<double>(terms, 1.0), 1e-13, 1000);
  EXPECT_EQ(found.x, std::vector<double>(terms));
}

TEST(ElasticQuadratic, OneUnknownIsAShiftedThreshold) {
  ElasticQuadratic problem{.hessian = Matrix(1, 1), .linear = {6}, .l1 = {2}, .active = {1}, .squares = 18};
  problem.hessian.row(0)[0] = 2;
  const ElasticSolution found = solve_elastic(problem, {0}, 1e-12, 100);
  EXPECT_NEAR(found.x[0], 2, 1e-15);
  EXPECT_NEAR(found.objective, 18.0 / 2 - 6 * 2 + 2.0 * 4 / 2 + 2 * 2, 1e-14);
}

TEST(ElasticQuadratic, LeftOutAndStoppedUnknowns) {
  ElasticQuadratic problem = planted(1);
  problem.active[0] = problem.active[5] = 0;
  const ElasticSolution found = solve_elastic(problem, std::vector<double>(terms), 1e-12, 1000);
  EXPECT_EQ(found.x[0], 0);
  EXPECT_FALSE(solve_elastic(planted(0.01), std::vector<double>(terms), 0, 1).converged);
}

TEST(ElasticQuadratic, AFreeFirstUnknownIsSolvedFor) {
  ElasticQuadratic whole{.hessian = Matrix(2, 2), .linear = {4, 5}, .l1 = {}, .active = {}, .squares = 30};
  whole.hessian.values = {2, 1, 0, 3};
  const ElasticQuadratic rest_of_it = without_first(whole);
  EXPECT_EQ(rest_of_it.hessian.row(0)[0], 3 - 0.5);
  EXPECT_EQ(rest_of_it.linear[0], 5 - 2.0);
  EXPECT_EQ(rest_of_it.squares, 30 - 8.0);
  EXPECT_EQ(first_beside(whole, {2}), 1);
}

}  // namespace
}  // namespace cohort::testing
