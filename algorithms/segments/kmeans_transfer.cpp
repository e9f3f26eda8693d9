// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/kmeans_transfer.hpp"

#include <vector>

#include "algorithms/statistics/gather_rows.hpp"

namespace cohort {
namespace {

/// What a transfer gains must be more than rounding could feign.
constexpr double least_relative_gain = 1e-9;

/// One possible transfer: the row's gain is what its old cluster loses of its inertia less what the new one takes on.
struct Transfer {
  double gain = 0;
  std::int64_t row = 0, from = 0, to = 0;
};

template <class T>
double squared_distance(const PointBlock<T>& block, std::int64_t row, std::span<const double> centre) {
  double sum = 0;
  for (std::int64_t j = 0; j < block.dimensions; ++j) {
    const double difference = static_cast<double>(block.at(row, j)) - centre[static_cast<std::size_t>(j)];
    sum += difference * difference;
  }
  return sum;
}

/// The best transfer of one row; no gain where it is alone in its cluster.
template <class T>
Transfer best_of_row(const PointBlock<T>& block, std::int64_t row, std::int64_t from, const Matrix& centres,
                     std::span<const std::int64_t> sizes) {
  const auto size = static_cast<double>(sizes[static_cast<std::size_t>(from)]);
  if (size <= 1) return {};
  const double released = size / (size - 1) * squared_distance(block, row, centres.row(from));
  Transfer best{.gain = least_relative_gain * released, .row = row, .from = from, .to = from};
  for (std::int64_t to = 0; to < centres.rows; ++to) {
    if (to == from) continue;
    const auto joined = static_cast<double>(sizes[static_cast<std::size_t>(to)]);
    const double gain = released - joined / (joined + 1) * squared_distance(block, row, centres.row(to));
    if (gain > best.gain) best = {.gain = gain, .row = row, .from = from, .to = to};
  }
  return best.to == from ? Transfer{} : best;
}

template <class T>
Transfer best_of_block(const PointBlock<T>& block, const Centroids<T>& centroids, const Matrix& centres,
                       std::span<const std::int64_t> sizes) {
  Transfer best;
  NearestOfTile<T> nearest;
  for (std::int64_t t = 0; t < block.tile_count(); ++t) {
    centroids.nearest(block.tile(t), nearest);
    for (std::int64_t p = 0; p < block.rows_in(t); ++p) {
      const Transfer transfer = best_of_row(block, t * tile_points + p, nearest.labels[p], centres, sizes);
      if (transfer.gain > best.gain) best = transfer;
    }
  }
  return best;
}

}  // namespace

template <class T>
bool transfer_best_point(PackedPoints<T>& points, Matrix& centres, std::span<const std::int64_t> sizes,
                         const Context& context) {
  const Centroids<T> centroids(centres);
  // Rows of (-gain, global row, from, to, coordinates): the best of each block, the best of all first.
  const Matrix candidates =
      gather_rows(context, points.block_count(), 4 + points.dimensions(),
                  [&](int worker, std::int64_t index, std::vector<double>& rows) {
                    const PointBlock<T> block = points.block(worker, index);
                    const Transfer best = best_of_block(block, centroids, centres, sizes);
                    if (best.gain <= 0) return;
                    rows.insert(rows.end(), {-best.gain, static_cast<double>(block.first_row + best.row),
                                             static_cast<double>(best.from), static_cast<double>(best.to)});
                    for (std::int64_t j = 0; j < block.dimensions; ++j)
                      rows.push_back(static_cast<double>(block.at(best.row, j)));
                  });
  if (candidates.rows == 0) return false;
  const std::span<const double> best = candidates.row(0);
  const auto from = static_cast<std::int64_t>(best[2]), to = static_cast<std::int64_t>(best[3]);
  const auto left = static_cast<double>(sizes[static_cast<std::size_t>(from)]);
  const auto joined = static_cast<double>(sizes[static_cast<std::size_t>(to)]);
  for (std::size_t j = 0; j + 4 < best.size(); ++j) {
    centres.row(from)[j] += (centres.row(from)[j] - best[4 + j]) / (left - 1);
    centres.row(to)[j] += (best[4 + j] - centres.row(to)[j]) / (joined + 1);
  }
  return true;
}

template bool transfer_best_point(PackedPoints<float>&, Matrix&, std::span<const std::int64_t>, const Context&);
template bool transfer_best_point(PackedPoints<double>&, Matrix&, std::span<const std::int64_t>, const Context&);

}  // namespace cohort
