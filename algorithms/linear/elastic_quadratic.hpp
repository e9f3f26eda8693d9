// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/statistics/matrix.hpp"

namespace cohort {

/// x' hessian x / 2 - linear' x + sum of l1[j] |x[j]|: least squares with an L1 penalty seen through its Gram matrix,
/// or one step of a generalised linear model's. An L2 penalty is part of the hessian.
struct ElasticQuadratic {
  Matrix hessian;  ///< upper triangle, positive semidefinite
  std::vector<double> linear;
  std::vector<double> l1;            ///< 0: not penalised
  std::vector<std::uint8_t> active;  ///< 0: the unknown is 0
  double squares = 0;  ///< of the label about 0, so that squares / 2 + the rest is the least squares' loss
};

struct ElasticSolution {
  std::vector<double> x;
  double objective = 0;  ///< with squares / 2
  double gap = 0;        ///< the objective lies at most this far above the optimum
  std::int64_t sweeps = 0;
  bool converged = false;  ///< the gap is at most `tol` x squares
};

/// The same problem once its first unknown, whatever the others are, takes its best value; l1 and active are left
/// alone.
[[nodiscard]] ElasticQuadratic without_first(const ElasticQuadratic& problem);
/// The best value of the first unknown of `problem` beside these others.
[[nodiscard]] double first_beside(const ElasticQuadratic& problem, const std::vector<double>& others);

/// Coordinate descent from `start` (Friedman, Hastie and Tibshirani, JSS 2010) over the unknowns that are not 0, with
/// sweeps over all between; where their signs have settled, their linear system is solved at once. Stops by the duality
/// gap (Kim, Koh, Lustig, Boyd and Gorinevsky, 2007). Nothing but the arguments decides a bit.
[[nodiscard]] ElasticSolution solve_elastic(const ElasticQuadratic& problem, std::vector<double> start, double tol,
                                            std::int64_t max_sweeps);

}  // namespace cohort
