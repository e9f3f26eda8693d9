// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "algorithms/segments/packed_points.hpp"

namespace cohort {

/// Collective. Lloyd's iterations end where no point is nearer to another centre; a point may still lower the inertia
/// by changing its cluster, since the centres it leaves and joins move too (Hartigan, Clustering Algorithms, 1975;
/// Hartigan and Wong, AS 136, 1979). Moves the one point of all ranks that lowers it most, of equals the first, in
/// `centres`; `sizes` are the clusters' sizes around them. False, and nothing moves, when no point lowers it.
template <class T>
[[nodiscard]] bool transfer_best_point(PackedPoints<T>& points, Matrix& centres, std::span<const std::int64_t> sizes,
                                       const Context& context);

}  // namespace cohort
