// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// The inner loop of k-means, once for all instruction levels: a `Lanes` names the vector and its operations. Included
// by one source file for each level, which is compiled for it, so nothing here may reach the standard library.

namespace cohort {

inline constexpr std::int64_t tile_points = 64;
inline constexpr int centroid_group = 4;

/// Points and centroids as the kernels see them.
template <class T>
struct TileTask {
  const T* tile;    ///< [dimension][64 points], 64-byte aligned
  const T* groups;  ///< [group][1 + dimension][4]: half the squared norm, then the coordinates
  std::int64_t dimensions;
  std::int64_t group_count;
  T* scores;             ///< out, [64]: the least |c|^2 / 2 - x.c
  std::int32_t* labels;  ///< out, [64]: its centroid, the lowest of equals
};

void nearest_avx512(const TileTask<float>& task);
void nearest_avx512(const TileTask<double>& task);
void nearest_avx2(const TileTask<float>& task);
void nearest_avx2(const TileTask<double>& task);
void nearest_portable(const TileTask<float>& task);
void nearest_portable(const TileTask<double>& task);

namespace {

/// |x - c|^2 / 2 less |x|^2 / 2 for each point and centroid, by one FMA after the other over the dimensions: a lane is
/// one point, so the bits are the same for any vector width.
template <class Lanes, class T>
inline void nearest_tile(const TileTask<T>& task) {
  using Vector = typename Lanes::Vector;
  constexpr int vectors = Lanes::vectors;
  constexpr std::int64_t step = Lanes::width * vectors;
  for (std::int64_t part = 0; part < tile_points; part += step) {
    Vector best[vectors];
    typename Lanes::Labels labels[vectors];
#pragma GCC unroll 8
    for (int v = 0; v < vectors; ++v) {
      best[v] = Lanes::infinity();
      labels[v] = Lanes::label(0);
    }
    const T* centroid = task.groups;
    for (std::int64_t group = 0; group < task.group_count; ++group) {
      Vector score[centroid_group][vectors];
#pragma GCC unroll 8
      for (int c = 0; c < centroid_group; ++c) {
#pragma GCC unroll 8
        for (int v = 0; v < vectors; ++v) score[c][v] = Lanes::broadcast(centroid[c]);
      }
      centroid += centroid_group;
      const T* x = task.tile + part;
      for (std::int64_t j = 0; j < task.dimensions; ++j, x += tile_points, centroid += centroid_group) {
#pragma GCC unroll 8
        for (int c = 0; c < centroid_group; ++c) {
          const Vector coordinate = Lanes::broadcast(centroid[c]);
#pragma GCC unroll 8
          for (int v = 0; v < vectors; ++v) {
            score[c][v] = Lanes::minus_product(Lanes::load(x + v * Lanes::width), coordinate, score[c][v]);
          }
        }
      }
#pragma GCC unroll 8
      for (int c = 0; c < centroid_group; ++c) {
        const auto label = Lanes::label(static_cast<std::int32_t>(group * centroid_group + c));
#pragma GCC unroll 8
        for (int v = 0; v < vectors; ++v) Lanes::take_less(score[c][v], label, best[v], labels[v]);
      }
    }
#pragma GCC unroll 8
    for (int v = 0; v < vectors; ++v) {
      Lanes::store(task.scores + part + v * Lanes::width, best[v]);
      Lanes::store_labels(task.labels + part + v * Lanes::width, labels[v]);
    }
  }
}

}  // namespace
}  // namespace cohort
