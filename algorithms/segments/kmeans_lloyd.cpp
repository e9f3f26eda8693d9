// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/kmeans_lloyd.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "algorithms/segments/cluster_sums.hpp"
#include "algorithms/segments/kmeans_transfer.hpp"
#include "algorithms/statistics/gather_rows.hpp"
#include "core/progress.hpp"
#include "core/resumable.hpp"

namespace cohort {
namespace {

/// Sums and sizes of the clusters over all ranks.
struct Clusters {
  Matrix sums;
  std::vector<std::int64_t> counts;
};

/// The cluster of each point of this rank. A pass moves only the points that change theirs: since sums are exact, that
/// equals adding all of them afresh, and soon few points change.
template <class T>
class Assignment {
 public:
  Assignment(PackedPoints<T>& points, const Matrix& centres, const LloydTask& task)
      : points_(points),
        labels_(static_cast<std::size_t>(points.block_count())),
        nothing_(centres.rows, task.reach),
        sums_(nothing_) {}

  /// Collective. Assigns every point to its nearest centre and sums up the clusters.
  Clusters update(const Matrix& centres, const Context& context) {
    const Centroids<T> centroids(centres);
    sums_.add(
        aggregate(context, points_.block_count(), nothing_, [&](int worker, ClusterSums& moved, std::int64_t index) {
          const PointBlock<T> block = points_.block(worker, index);
          std::vector<std::int32_t>& labels = labels_[static_cast<std::size_t>(index)];
          labels.resize(static_cast<std::size_t>(block.rows), none);
          NearestOfTile<T> nearest;
          for (std::int64_t t = 0; t < block.tile_count(); ++t) {
            centroids.nearest(block.tile(t), nearest);
            const auto first = static_cast<std::size_t>(t * tile_points);
            const auto rows = static_cast<std::size_t>(block.rows_in(t));
            move(block.tile(t), nearest.labels, std::span(labels).subspan(first, rows), moved);
          }
        }));
    Clusters clusters{Matrix(centres.rows, centres.columns), sums_.counts()};
    for (std::int64_t c = 0; c < centres.rows; ++c) {
      for (std::int64_t j = 0; j < centres.columns; ++j)
        clusters.sums.row(c)[static_cast<std::size_t>(j)] = sums_.sum(c, j);
    }
    return clusters;
  }

 private:
  static constexpr std::int32_t none = -1;

  static void move(const T* tile, const std::int32_t* nearest, std::span<std::int32_t> labels, ClusterSums& moved) {
    if (std::equal(labels.begin(), labels.end(), nearest)) return;
    for (std::size_t p = 0; p < labels.size(); ++p) {
      if (labels[p] == nearest[p]) continue;
      const auto point = static_cast<std::int64_t>(p);
      if (labels[p] != none) moved.add(tile, point, labels[p], -1);
      moved.add(tile, point, nearest[p], 1);
      labels[p] = nearest[p];
    }
  }

  PackedPoints<T>& points_;
  std::vector<std::vector<std::int32_t>> labels_;  ///< of each block of this rank
  ClusterSums nothing_, sums_;                     ///< of all ranks
};

/// Calls each(row, label, squared distance) for the points of a block.
template <class T, class Each>
void for_each_assigned(const PointBlock<T>& block, const Centroids<T>& centroids, const Matrix& centres,
                       const Each& each) {
  NearestOfTile<T> nearest;
  std::array<double, tile_points> distances{};
  for (std::int64_t t = 0; t < block.tile_count(); ++t) {
    centroids.nearest(block.tile(t), nearest);
    squared_distances(block.tile(t), centres, nearest.labels, distances);
    for (std::int64_t p = 0; p < block.rows_in(t); ++p) {
      each(t * tile_points + p, nearest.labels[p], distances[static_cast<std::size_t>(p)]);
    }
  }
}

struct Fit {
  std::vector<std::int64_t> sizes;
  ExactSums inertia;
  void parts(Parts& parts) {
    parts.sum(sizes);
    parts.exact(inertia);
  }
};

/// Collective. Sizes and inertia of the clusters around these centres.
template <class T>
Fit fit_of(PackedPoints<T>& points, const Matrix& centres, const LloydTask& task, const Context& context) {
  const Centroids<T> centroids(centres);
  const int bound = sum_bound(magnitude_bound(task.squared_diameter) + 1, points.total_rows());
  const Fit identity{std::vector<std::int64_t>(static_cast<std::size_t>(centres.rows)), ExactSums(1, bound)};
  return aggregate(context, points.block_count(), identity, [&](int worker, Fit& state, std::int64_t index) {
    double inertia = 0;
    for_each_assigned(points.block(worker, index), centroids, centres,
                      [&](std::int64_t, std::int32_t label, double squared) {
                        ++state.sizes[static_cast<std::size_t>(label)];
                        inertia += squared;
                      });
    state.inertia.add(0, inertia);
  });
}

/// Collective. The `count` points farthest from their centres, as rows of (-squared distance, row number, label,
/// coordinates): farthest first, equal distances by row.
template <class T>
Matrix farthest_points(PackedPoints<T>& points, const Matrix& centres, std::size_t count, const Context& context) {
  const Centroids<T> centroids(centres);
  return gather_rows(
      context, points.block_count(), 3 + points.dimensions(),
      [&](int worker, std::int64_t index, std::vector<double>& rows) {
        const PointBlock<T> block = points.block(worker, index);
        std::vector<std::array<double, 3>> keys;
        for_each_assigned(block, centroids, centres, [&](std::int64_t row, std::int32_t label, double squared) {
          keys.push_back({-squared, static_cast<double>(row), static_cast<double>(label)});
        });
        const std::size_t kept = std::min(count, keys.size());
        std::partial_sort(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(kept), keys.end());
        for (std::size_t i = 0; i < kept; ++i) {
          rows.insert(rows.end(), {keys[i][0], static_cast<double>(block.first_row) + keys[i][1], keys[i][2]});
          for (std::int64_t j = 0; j < block.dimensions; ++j) {
            rows.push_back(static_cast<double>(block.at(static_cast<std::int64_t>(keys[i][1]), j)));
          }
        }
      });
}

/// Collective. Gives each empty cluster one of the farthest points, taken out of its own cluster.
template <class T>
void fill_empty(PackedPoints<T>& points, const Matrix& centres, Clusters& clusters, const Context& context) {
  const auto empty = static_cast<std::size_t>(std::count(clusters.counts.begin(), clusters.counts.end(), 0));
  if (empty == 0) return;
  const Matrix farthest = farthest_points(points, centres, empty, context);
  std::int64_t next = 0;
  for (std::int64_t c = 0; c < centres.rows && next < farthest.rows; ++c) {
    if (clusters.counts[static_cast<std::size_t>(c)] != 0) continue;
    const std::span<const double> point = farthest.row(next++);
    if (point[0] == 0) return;  // every point is a centre: more clusters than distinct points
    const auto donor = static_cast<std::int64_t>(point[2]);
    for (std::size_t j = 0; j < point.size() - 3; ++j) {
      clusters.sums.row(c)[j] = point[3 + j];
      clusters.sums.row(donor)[j] -= point[3 + j];
    }
    clusters.counts[static_cast<std::size_t>(c)] = 1;
    --clusters.counts[static_cast<std::size_t>(donor)];
  }
}

/// The means of the clusters; one without points stays where it was.
Matrix means_of(const Clusters& clusters, const Matrix& centres) {
  Matrix means = centres;
  for (std::int64_t c = 0; c < centres.rows; ++c) {
    const std::int64_t count = clusters.counts[static_cast<std::size_t>(c)];
    if (count <= 0) continue;
    std::ranges::transform(clusters.sums.row(c), means.row(c).begin(),
                           [&](double sum) { return sum / static_cast<double>(count); });
  }
  return means;
}

double squared_shift(const Matrix& a, const Matrix& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) sum += (a.values[i] - b.values[i]) * (a.values[i] - b.values[i]);
  return sum;
}

/// Orders the centres by descending size, then by coordinates; false if they were in order.
bool reorder(Matrix& centres, const std::vector<std::int64_t>& sizes) {
  std::vector<std::int64_t> order(sizes.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    const std::int64_t size_a = sizes[static_cast<std::size_t>(a)];
    const std::int64_t size_b = sizes[static_cast<std::size_t>(b)];
    return size_a != size_b ? size_a > size_b : std::ranges::lexicographical_compare(centres.row(a), centres.row(b));
  });
  const Matrix before = centres;
  for (std::int64_t c = 0; c < centres.rows; ++c) {
    std::ranges::copy(before.row(order[static_cast<std::size_t>(c)]), centres.row(c).begin());
  }
  return !std::is_sorted(order.begin(), order.end());
}

/// Where the iterations stand.
struct LloydState {
  LloydResult at;
  std::int64_t iterations = 0;  ///< since the last transfer
  std::int64_t transfers = 0;

  template <class Archive>
  void archive(Archive& members) {
    members("at", at);
    members("iterations", iterations);
    members("transfers", transfers);
  }
};

/// Collective. Lloyd's iterations until the centres rest.
template <class T>
void settle(PackedPoints<T>& points, Assignment<T>& assignment, LloydState& state, Resumable<LloydState>& loop,
            const LloydTask& task, const Context& context) {
  Progress progress(context.show_progress, "k-means", task.max_iter);
  LloydResult& at = state.at;
  while (state.iterations < task.max_iter && !at.converged) {
    Clusters clusters = assignment.update(at.centres, context);
    fill_empty(points, at.centres, clusters, context);
    const Matrix before = std::exchange(at.centres, means_of(clusters, at.centres));
    // Equal labels give equal sums, bit for bit: scikit-learn's "labels unchanged" is a shift of exactly 0. A transfer
    // reckons with the sizes, so it needs that.
    at.converged = squared_shift(before, at.centres) <= (task.transfers ? 0 : task.squared_shift);
    at.sizes = std::move(clusters.counts);
    ++at.n_iter;
    ++state.iterations;
    progress.advance();
    loop.boundary();
  }
}

}  // namespace

template <class T>
LloydResult iterate_lloyd(PackedPoints<T>& points, Matrix seeds, const LloydTask& task, const Context& context) {
  LloydState state{.at = {.centres = std::move(seeds)}};
  Resumable loop(context, "lloyd", state);
  Assignment<T> assignment(points, state.at.centres, task);
  settle(points, assignment, state, loop, task, context);
  LloydResult& result = state.at;
  while (task.transfers && result.converged && state.transfers < task.max_iter) {
    if (!transfer_best_point(points, result.centres, result.sizes, context)) break;
    ++state.transfers;
    state.iterations = 0;
    result.converged = false;
    settle(points, assignment, state, loop, task, context);
  }
  Matrix& centres = result.centres;
  // A new order can send a point that is equally near to two centres to the other one: look again, but not for ever.
  constexpr int most_orders = 3;
  for (int i = 0; i < most_orders && reorder(centres, result.sizes); ++i) {
    result.sizes = fit_of(points, centres, task, context).sizes;
  }
  const Fit fit = fit_of(points, centres, task, context);
  result.sizes = fit.sizes;
  result.inertia = fit.inertia.value(0);
  return std::move(state.at);
}

template LloydResult iterate_lloyd(PackedPoints<float>&, Matrix, const LloydTask&, const Context&);
template LloydResult iterate_lloyd(PackedPoints<double>&, Matrix, const LloydTask&, const Context&);

}  // namespace cohort
