// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "algorithms/linear/glm.hpp"

namespace cohort {

/// Least squares under ever weaker elastic-net penalties: sum of weighted squared errors / (2 x sum of weights) + alpha
/// x (l1_ratio x sum of absolute coefficients + (1 - l1_ratio) / 2 x sum of their squares), as in scikit-learn.
struct ElasticPath {
  struct Params {
    double l1_ratio = 1;
    std::int64_t alphas = 100;
    double eps = 1e-3;  ///< the last alpha over the first, which is the least that makes all coefficients 0
    DesignMatrix::Params design;
  };
  struct Point {
    double alpha = 0, objective = 0;
    double gap = 0;  ///< the objective lies at most this far above the optimum
    double r2 = 0;   ///< on the rows learned from
    std::int64_t nonzero = 0, sweeps = 0;
    std::vector<double> coefficients;  ///< of the terms, in the units of the columns
  };

  std::vector<std::string> terms;
  std::vector<Point> points;

  /// Collective. Two passes over the rows; the path itself needs their Gram matrix alone, each point starting at the
  /// one before it.
  [[nodiscard]] static ElasticPath fit(const Params& params, const LabelledRows& rows, const Context& context);
};

}  // namespace cohort
