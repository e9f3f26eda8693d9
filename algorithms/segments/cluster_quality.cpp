// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/cluster_quality.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "algorithms/statistics/moments.hpp"
#include "algorithms/statistics/table_pass.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

struct Sums {
  std::vector<std::int64_t> counts;  ///< [cluster]
  ExactSums sums;

  void parts(Parts& p) {
    p.sum(counts);
    p.exact(sums);
  }
};

/// Squared distance of a row to a point.
double squared_distance(const NumericBlock& block, std::size_t row, std::span<const double> point) {
  double sum = 0;
  for (std::size_t j = 0; j < point.size(); ++j) {
    const double difference = block.columns[j][row] - point[j];
    sum += difference * difference;
  }
  return sum;
}

/// The nearest row of `points`, and the squared distances to it and to the nearest other.
struct Nearest {
  std::int64_t label = 0;
  double own = std::numeric_limits<double>::infinity(), other = own;
};
Nearest nearest_of(const NumericBlock& block, std::size_t row, const Matrix& points) {
  Nearest nearest;
  for (std::int64_t c = 0; c < points.rows; ++c) {
    const double distance = squared_distance(block, row, points.row(c));
    if (distance < nearest.own) {
      nearest.other = nearest.own;
      nearest.own = distance;
      nearest.label = c;
    } else {
      nearest.other = std::min(nearest.other, distance);
    }
  }
  return nearest;
}

/// Adds a block's sums by cluster, [cluster][size / clusters].
void add_sums(const std::vector<double>& of_block, Sums& state) {
  for (std::size_t i = 0; i < of_block.size(); ++i) state.sums.add(i, of_block[i]);
}

/// Collective. The means of the rows nearest to each centre; that centre where there are none.
Matrix means_of(const Matrix& centers, const NumericTable& scaled, int bound, std::vector<std::int64_t>& counts,
                const Context& context) {
  const auto cells = static_cast<std::size_t>(centers.rows * centers.columns);
  const Sums none{.counts = std::vector<std::int64_t>(static_cast<std::size_t>(centers.rows)),
                  .sums = ExactSums(cells, bound)};
  const Sums sums = aggregate_table(context, scaled, none, [&](Sums& state, const NumericBlock& block) {
    std::vector<double> of_block(cells);
    for (std::size_t row = 0; row < static_cast<std::size_t>(block.rows); ++row) {
      const auto label = static_cast<std::size_t>(nearest_of(block, row, centers).label);
      ++state.counts[label];
      for (std::size_t j = 0; j < block.columns.size(); ++j)
        of_block[label * block.columns.size() + j] += block.columns[j][row];
    }
    add_sums(of_block, state);
  });
  counts = sums.counts;
  Matrix means = centers;
  for (std::size_t i = 0; i < cells; ++i) {
    const std::int64_t count = counts[i / static_cast<std::size_t>(centers.columns)];
    if (count > 0) means.values[i] = sums.sums.value(i) / static_cast<double>(count);
  }
  return means;
}

/// Per cluster: sum of distances, of their squares, and of silhouettes.
constexpr std::size_t figures = 3;

/// Collective.
Sums distances_to(const Matrix& means, const Matrix& centers, const NumericTable& scaled, double reach,
                  const Context& context) {
  const auto clusters = static_cast<std::size_t>(means.rows);
  const double bound = std::max({1.0, reach, reach * reach});
  const Sums none{.counts = {},
                  .sums = ExactSums(clusters * figures, sum_bound(magnitude_bound(bound), scaled.total_rows()))};
  return aggregate_table(context, scaled, none, [&](Sums& state, const NumericBlock& block) {
    std::vector<double> of_block(clusters * figures);
    for (std::size_t row = 0; row < static_cast<std::size_t>(block.rows); ++row) {
      const std::int64_t label = nearest_of(block, row, centers).label;
      const double squared = squared_distance(block, row, means.row(label)), own = std::sqrt(squared);
      double other = std::numeric_limits<double>::infinity();
      for (std::int64_t c = 0; c < means.rows; ++c)
        if (c != label) other = std::min(other, squared_distance(block, row, means.row(c)));
      other = std::sqrt(other);
      const double larger = std::max(own, other);
      double* const sums = of_block.data() + static_cast<std::size_t>(label) * figures;
      sums[0] += own;
      sums[1] += squared;
      sums[2] += larger > 0 && std::isfinite(larger) ? (other - own) / larger : 0;
    }
    add_sums(of_block, state);
  });
}

double distance(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
  return std::sqrt(sum);
}

/// Mean over the clusters that have rows of the worst (S_i + S_j) / M_ij.
double davies_bouldin(const Matrix& means, const std::vector<double>& spreads,
                      const std::vector<std::int64_t>& counts) {
  double sum = 0;
  std::int64_t clusters = 0;
  for (std::int64_t i = 0; i < means.rows; ++i) {
    if (counts[static_cast<std::size_t>(i)] == 0) continue;
    double worst = 0;
    for (std::int64_t j = 0; j < means.rows; ++j) {
      const double apart = distance(means.row(i), means.row(j));
      if (i == j || counts[static_cast<std::size_t>(j)] == 0 || apart == 0) continue;
      worst = std::max(worst, (spreads[static_cast<std::size_t>(i)] + spreads[static_cast<std::size_t>(j)]) / apart);
    }
    sum += worst;
    ++clusters;
  }
  return clusters > 1 ? sum / static_cast<double>(clusters) : std::numeric_limits<double>::quiet_NaN();
}

/// Between over within, each by its degrees of freedom.
double calinski_harabasz(const Matrix& means, const std::vector<ColumnMoments>& moments, double within,
                         const std::vector<std::int64_t>& counts) {
  std::vector<double> centre;
  for (const ColumnMoments& column : moments) centre.push_back(column.mean);
  double between = 0;
  std::int64_t rows = 0, clusters = 0;
  for (std::int64_t c = 0; c < means.rows; ++c) {
    const std::int64_t count = counts[static_cast<std::size_t>(c)];
    const double apart = distance(means.row(c), centre);
    between += static_cast<double>(count) * apart * apart;
    rows += count;
    clusters += count > 0 ? 1 : 0;
  }
  if (clusters < 2 || rows == clusters || within == 0) return std::numeric_limits<double>::quiet_NaN();
  return between / static_cast<double>(clusters - 1) * static_cast<double>(rows - clusters) / within;
}

}  // namespace

ClusterQuality cluster_quality(const KMeans::Model& model, const NumericTable& table, const Context& context) {
  const ScaledTable scaled(table, model.scaling);
  const std::vector<ColumnMoments> moments = moments_of(scaled, context);
  double largest = 0, squares = 0;
  for (const ColumnMoments& column : moments) {
    largest = std::max({largest, std::abs(column.min), std::abs(column.max)});
    squares += (column.max - column.min) * (column.max - column.min);
  }
  std::vector<std::int64_t> counts;
  const Matrix means =
      means_of(model.centers, scaled, sum_bound(magnitude_bound(largest), scaled.total_rows()), counts, context);
  const Sums sums = distances_to(means, model.centers, scaled, 2 * std::sqrt(squares), context);
  ClusterQuality quality;
  std::vector<double> spreads;
  double silhouettes = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    spreads.push_back(counts[c] > 0 ? sums.sums.value(c * figures) / static_cast<double>(counts[c]) : 0);
    quality.inertia += sums.sums.value(c * figures + 1);
    silhouettes += sums.sums.value(c * figures + 2);
  }
  quality.silhouette = counts.size() > 1 ? silhouettes / static_cast<double>(scaled.total_rows())
                                         : std::numeric_limits<double>::quiet_NaN();
  quality.davies_bouldin = davies_bouldin(means, spreads, counts);
  quality.calinski_harabasz = calinski_harabasz(means, moments, quality.inertia, counts);
  return quality;
}

}  // namespace cohort
