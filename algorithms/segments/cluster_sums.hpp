// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/parts.hpp"

namespace cohort {

/// Sizes of the clusters and sums of their points. Sums are exact, so points come and go in any order: a coordinate
/// counts in whole units of 2^-50 of the reach of its dimension, rounded to nearest once. Holds up to 2^37 points.
class ClusterSums {
 public:
  ClusterSums() = default;
  /// `reach` of a dimension: no |x| is larger, but for its rounding to float.
  ClusterSums(std::int64_t clusters, std::span<const double> reach);

  /// Adds (`sign` 1) or takes away (-1) point `p` of a tile, [dimension][64].
  template <class T>
  void add(const T* tile, std::int64_t p, std::int32_t cluster, std::int64_t sign);
  void add(const ClusterSums& other);
  void parts(Parts& parts);

  [[nodiscard]] const std::vector<std::int64_t>& counts() const { return counts_; }
  [[nodiscard]] double sum(std::int64_t cluster, std::int64_t dimension) const;  ///< rounded to nearest

 private:
  std::vector<double> scales_;       ///< units in 1, a power of two
  std::vector<std::int64_t> units_;  ///< [cluster][low limb, high limb][dimension]
  std::vector<std::int64_t> counts_;
};

}  // namespace cohort
