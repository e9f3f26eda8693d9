// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "algorithms/statistics/matrix.hpp"

namespace cohort {

/// k centres of a few weighted points in memory: greedy k-means++ (Arthur and Vassilvitskii, SODA 2007; the best of
/// 2 + ln k draws each time, as scikit-learn does), then Lloyd's iterations. The best of up to `tries` tries
/// (fewer where they would take seconds), on `threads` threads; the same on every rank, as the points are. At least k
/// points must be distinct and of positive weight.
[[nodiscard]] Matrix weighted_kmeans(const Matrix& points, std::span<const double> weights, std::int64_t k,
                                     std::uint64_t seed, const std::string& purpose, int tries, int threads);

}  // namespace cohort
