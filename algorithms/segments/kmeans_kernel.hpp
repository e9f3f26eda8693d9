// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/segments/kmeans_tile.hpp"
#include "algorithms/statistics/matrix.hpp"

namespace cohort {

/// Points of one block, packed in tiles of 64: [tile][dimension][64]. Lanes past the last row hold zeros.
template <class T>
struct PointBlock {
  std::int64_t first_row = 0;  ///< global number of the first point
  std::int64_t rows = 0;
  std::int64_t dimensions = 0;
  const T* tiles = nullptr;  ///< 64-byte aligned

  [[nodiscard]] std::int64_t tile_count() const { return (rows + tile_points - 1) / tile_points; }
  [[nodiscard]] const T* tile(std::int64_t t) const { return tiles + t * dimensions * tile_points; }
  [[nodiscard]] std::int64_t rows_in(std::int64_t t) const {
    return rows - t * tile_points < tile_points ? rows - t * tile_points : tile_points;
  }
  [[nodiscard]] T at(std::int64_t row, std::int64_t j) const {
    return tile(row / tile_points)[j * tile_points + row % tile_points];
  }
};

/// The nearest centroid of the 64 points of a tile.
template <class T>
struct NearestOfTile {
  alignas(64) T scores[tile_points];  ///< half the squared distance, less half the squared norm of the point
  alignas(64) std::int32_t labels[tile_points];
};

/// Centroids laid out for the tile kernel, four at a time.
template <class T>
class Centroids {
 public:
  /// One centroid a row; the distances are taken to the rows rounded to T.
  explicit Centroids(const Matrix& rows);

  /// The nearest centroid of each point of a tile, of equals the one with the lowest label. The bits are the same at
  /// any instruction level.
  void nearest(const T* tile, NearestOfTile<T>& result) const;

 private:
  std::int64_t dimensions_, group_count_;
  std::vector<T> groups_;
};

/// Squared distances of the points of a tile to the centres of their labels, as sum of (x - c)^2 in double.
template <class T>
void squared_distances(const T* tile, const Matrix& centres, std::span<const std::int32_t> labels,
                       std::span<double, tile_points> result);

}  // namespace cohort
