// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "algorithms/segments/packed_points.hpp"

namespace cohort {

/// What a seeding needs besides the points.
struct SeedingTask {
  std::int64_t n_clusters = 0;
  std::uint64_t random_state = 0;
  std::int64_t restart = 0;     ///< each draws other numbers
  double squared_diameter = 0;  ///< no two points are further apart than its root
};

/// Collective. k-means|| (Bahmani et al., "Scalable k-means++", VLDB 2012): five rounds draw each point with
/// probability 2 k d^2 / phi, then weighted k-means++ among the drawn. Throws Error(bad_data) when fewer than k points
/// are distinct.
template <class T>
[[nodiscard]] Matrix scalable_seeds(PackedPoints<T>& points, const SeedingTask& task, const Context& context);

/// Collective. k distinct rows drawn uniformly.
template <class T>
[[nodiscard]] Matrix random_seeds(PackedPoints<T>& points, const SeedingTask& task, const Context& context);

}  // namespace cohort
