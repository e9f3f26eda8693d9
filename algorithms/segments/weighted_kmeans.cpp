// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/weighted_kmeans.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "algorithms/segments/packed_points.hpp"
#include "core/elementary.hpp"
#include "core/random.hpp"
#include "core/threads.hpp"

namespace cohort {
namespace {

constexpr int lloyd_iterations = 30;
constexpr double work_limit = 4e9;  // multiplications over all tries: a few seconds at the worst

/// The candidates, packed by column: values[j * rows + i].
struct Candidates {
  std::int64_t rows, dimensions;
  std::vector<double> columns;
  std::span<const double> weights;
  PointBlock<double> packed;
};

using Distances = std::vector<double>;

Distances distances_to(const Candidates& points, std::int64_t chosen, const Distances& at_most) {
  Distances result(at_most.size(), 0.0);
  for (std::int64_t j = 0; j < points.dimensions; ++j) {
    const double* column = points.columns.data() + j * points.rows;
    const double centre = column[chosen];
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] += (column[i] - centre) * (column[i] - centre);
    }
  }
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = std::min(result[i], at_most[i]);
  return result;
}

double potential_of(const Candidates& points, const Distances& distances) {
  double sum = 0;
  for (std::size_t i = 0; i < distances.size(); ++i) sum += points.weights[i] * distances[i];
  return sum;
}

/// A point drawn with probability proportional to weight times distance.
std::int64_t draw(const Candidates& points, const Distances& distances, double potential, RandomStream& random) {
  double left = random.uniform() * potential;
  std::int64_t last_possible = 0;
  for (std::size_t i = 0; i < distances.size(); ++i) {
    const double share = points.weights[i] * distances[i];
    if (share <= 0) continue;
    last_possible = static_cast<std::int64_t>(i);
    left -= share;
    if (left < 0) break;
  }
  return last_possible;
}

Matrix seed_centres(const Candidates& points, std::int64_t k, RandomStream& random) {
  const int draws = 2 + static_cast<int>(log(static_cast<double>(k)));
  Matrix centres(k, points.dimensions);
  const Distances everywhere(static_cast<std::size_t>(points.rows), std::numeric_limits<double>::infinity());
  const Distances ones(static_cast<std::size_t>(points.rows), 1.0);
  std::int64_t chosen = draw(points, ones, potential_of(points, ones), random);
  Distances nearest = distances_to(points, chosen, everywhere);
  double potential = potential_of(points, nearest);
  for (std::int64_t c = 0;; ++c) {
    for (std::int64_t j = 0; j < points.dimensions; ++j) {
      centres.row(c)[static_cast<std::size_t>(j)] = points.columns[static_cast<std::size_t>(j * points.rows + chosen)];
    }
    if (c + 1 == k) return centres;
    Distances best;
    double best_potential = std::numeric_limits<double>::infinity();
    for (int attempt = 0; attempt < draws; ++attempt) {
      const std::int64_t candidate = draw(points, nearest, potential, random);
      Distances after = distances_to(points, candidate, nearest);
      const double potential_after = potential_of(points, after);
      if (potential_after >= best_potential) continue;
      best_potential = potential_after;
      best = std::move(after);
      chosen = candidate;
    }
    nearest = std::move(best);
    potential = best_potential;
  }
}

/// One of Lloyd's iterations; returns the weighted sum of squared distances to the centres it started from.
double improve(const Candidates& points, Matrix& centres) {
  const Centroids<double> centroids(centres);
  Matrix sums(centres.rows, centres.columns);
  std::vector<double> mass(static_cast<std::size_t>(centres.rows));
  NearestOfTile<double> nearest;
  std::array<double, tile_points> distances{};
  double inertia = 0;
  for (std::int64_t t = 0; t < points.packed.tile_count(); ++t) {
    centroids.nearest(points.packed.tile(t), nearest);
    squared_distances(points.packed.tile(t), centres, nearest.labels, distances);
    for (std::int64_t p = 0; p < points.packed.rows_in(t); ++p) {
      const auto label = static_cast<std::size_t>(nearest.labels[p]);
      const double weight = points.weights[static_cast<std::size_t>(t * tile_points + p)];
      inertia += weight * distances[static_cast<std::size_t>(p)];
      mass[label] += weight;
      for (std::size_t j = 0; j < static_cast<std::size_t>(points.dimensions); ++j) {
        sums.row(static_cast<std::int64_t>(label))[j] += weight * points.packed.tile(t)[j * tile_points + p];
      }
    }
  }
  for (std::int64_t c = 0; c < centres.rows; ++c) {
    const double total = mass[static_cast<std::size_t>(c)];
    for (std::size_t j = 0; total > 0 && j < sums.row(c).size(); ++j) centres.row(c)[j] = sums.row(c)[j] / total;
  }
  return inertia;
}

struct Try {
  Matrix centres;
  double inertia = std::numeric_limits<double>::infinity();
};

Try attempt(const Candidates& points, std::int64_t k, RandomStream random) {
  Try result{seed_centres(points, k, random)};
  for (int i = 0; i < lloyd_iterations; ++i) {
    const double before = std::exchange(result.inertia, improve(points, result.centres));
    if (result.inertia >= before) break;
  }
  return result;
}

}  // namespace

Matrix weighted_kmeans(const Matrix& points, std::span<const double> weights, std::int64_t k, std::uint64_t seed,
                       const std::string& purpose, int tries, int threads) {
  Candidates candidates{points.rows, points.columns, std::vector<double>(points.values.size()), weights, {}};
  NumericBlock block{.first_row = 0, .rows = points.rows, .columns = {}};
  for (std::int64_t j = 0; j < points.columns; ++j) {
    double* column = candidates.columns.data() + j * points.rows;
    for (std::int64_t i = 0; i < points.rows; ++i) column[i] = points.row(i)[static_cast<std::size_t>(j)];
    block.columns.emplace_back(column, static_cast<std::size_t>(points.rows));
  }
  TileBuffer<double> buffer;
  candidates.packed = buffer.pack(block);

  const double work = static_cast<double>(points.rows * k) * static_cast<double>(points.columns * 40);
  std::vector<Try> attempts(static_cast<std::size_t>(std::clamp(work_limit / work, 1.0, static_cast<double>(tries))));
  parallel_for(threads, static_cast<std::int64_t>(attempts.size()), [&](int, std::int64_t i) {
    attempts[static_cast<std::size_t>(i)] =
        attempt(candidates, k, RandomStream(seed, purpose, static_cast<std::uint64_t>(i)));
  });
  return std::min_element(attempts.begin(), attempts.end(),
                          [](const Try& a, const Try& b) { return a.inertia < b.inertia; })
      ->centres;
}

}  // namespace cohort
