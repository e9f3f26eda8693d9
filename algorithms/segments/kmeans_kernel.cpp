// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/kmeans_kernel.hpp"

#include <algorithm>
#include <limits>

#include "core/isa.hpp"

namespace cohort {

template <class T>
Centroids<T>::Centroids(const Matrix& rows)
    : dimensions_(rows.columns), group_count_((rows.rows + centroid_group - 1) / centroid_group) {
  const std::int64_t group_size = (1 + dimensions_) * centroid_group;
  groups_.resize(static_cast<std::size_t>(group_count_ * group_size));
  for (std::int64_t c = 0; c < group_count_ * centroid_group; ++c) {
    T* coordinates = groups_.data() + c / centroid_group * group_size + c % centroid_group;
    double squares =
        c < rows.rows ? 0 : std::numeric_limits<double>::infinity();  // what fills a group is never nearest
    for (std::int64_t j = 0; c < rows.rows && j < dimensions_; ++j) {
      const auto coordinate = static_cast<T>(rows.row(c)[static_cast<std::size_t>(j)]);
      coordinates[(1 + j) * centroid_group] = coordinate;
      squares += static_cast<double>(coordinate) * static_cast<double>(coordinate);
    }
    coordinates[0] = static_cast<T>(squares / 2);
  }
}

template <class T>
void Centroids<T>::nearest(const T* tile, NearestOfTile<T>& result) const {
  const TileTask<T> task{tile, groups_.data(), dimensions_, group_count_, result.scores, result.labels};
  switch (active_isa()) {
    case Isa::avx512: return nearest_avx512(task);
    case Isa::avx2: return nearest_avx2(task);
    case Isa::x86_64: return nearest_portable(task);
  }
}

template <class T>
void squared_distances(const T* tile, const Matrix& centres, std::span<const std::int32_t> labels,
                       std::span<double, tile_points> result) {
  std::fill(result.begin(), result.end(), 0.0);
  for (std::int64_t j = 0; j < centres.columns; ++j, tile += tile_points) {
    for (std::size_t p = 0; p < labels.size(); ++p) {
      const double difference =
          static_cast<double>(tile[p]) - centres.values[static_cast<std::size_t>(labels[p] * centres.columns + j)];
      result[p] += difference * difference;
    }
  }
}

template class Centroids<float>;
template class Centroids<double>;
template void squared_distances(const float*, const Matrix&, std::span<const std::int32_t>,
                                std::span<double, tile_points>);
template void squared_distances(const double*, const Matrix&, std::span<const std::int32_t>,
                                std::span<double, tile_points>);

}  // namespace cohort
