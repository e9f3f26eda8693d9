// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/linear/glm_objective.hpp"
#include "algorithms/statistics/matrix.hpp"

namespace cohort {

/// Sums over clusters of products of their gradients, which are sums over their rows.
struct ClusterScores {
  Matrix products;  ///< upper triangle
  std::int64_t clusters = 0;
};

/// Collective. One pass: each block's part of a cluster's gradient travels once, 8 bytes a coefficient, to the rank
/// that the cluster's hash names, and is added exactly. Throws Error(bad_data) for a missing cluster or a single one.
[[nodiscard]] ClusterScores cluster_scores(const GlmObjective& objective, const std::vector<double>& coefficients);

}  // namespace cohort
