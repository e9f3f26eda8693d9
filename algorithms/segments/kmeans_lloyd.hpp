// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/segments/packed_points.hpp"

namespace cohort {

/// When to stop, and what the points cannot exceed.
struct LloydTask {
  std::int64_t max_iter = 300;
  double squared_shift = 0;     ///< stop when the centres move less: the sum of squares over all of them
  bool transfers = false;       ///< go on with transfers of single points (kmeans_transfer.hpp)
  std::vector<double> reach;    ///< of each dimension: the largest |x|
  double squared_diameter = 0;  ///< no two points are further apart than its root
};

/// Where Lloyd's iterations ended.
struct LloydResult {
  Matrix centres;
  std::vector<std::int64_t> sizes;
  double inertia = 0;
  std::int64_t n_iter = 0;
  bool converged = false;

  template <class Archive>
  void archive(Archive& members) {
    members("centres", centres);
    members("sizes", sizes);
    members("inertia", inertia);
    members("n_iter", n_iter);
    members("converged", converged);
  }
};

/// Collective. Lloyd's iterations from `centres`. An empty cluster moves to the farthest point, as in scikit-learn. The
/// result is ordered by descending size; sizes and inertia are those of its centres.
template <class T>
[[nodiscard]] LloydResult iterate_lloyd(PackedPoints<T>& points, Matrix centres, const LloydTask& task,
                                        const Context& context);

}  // namespace cohort
