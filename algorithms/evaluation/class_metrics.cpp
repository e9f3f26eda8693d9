// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/class_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "algorithms/evaluation/row_loss.hpp"
#include "core/aggregate.hpp"

namespace cohort {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr int replicate_bits = 4;  // a row is in a replicate 12 times at most
constexpr double largest_loss = 37;

using Figures = std::array<double, class_figure_count>;

struct Extent {
  std::int64_t rows = 0;
  std::vector<double> weight{0};
  void parts(Parts& parts) {
    parts.sum(rows);
    parts.max(weight);
  }
};

Figures figures_of(double loss, const ClassMetrics& of) {
  const std::size_t classes = of.classes;
  double weight = 0, hits = 0, by_chance = 0, recalls = 0, f1 = 0, weighted_f1 = 0, met = 0, with_rows = 0;
  for (std::size_t k = 0; k < classes; ++k) {
    double predicted = 0;
    for (std::size_t label = 0; label < classes; ++label) predicted += of.weight(label, k);
    const ClassMetrics::OfClass one = of.of_class(k);
    weight += one.weight;
    hits += of.weight(k, k);
    by_chance += one.weight * predicted;
    met += one.weight > 0 || predicted > 0 ? 1 : 0;
    with_rows += one.weight > 0 ? 1 : 0;
    recalls += one.weight > 0 ? one.recall : 0;
    f1 += one.f1;
    weighted_f1 += one.weight * one.f1;
  }
  if (!(weight > 0)) return {nan, nan, nan, nan, nan, nan};
  const double accuracy = hits / weight, chance = by_chance / weight / weight;
  return {loss / weight,        accuracy,
          recalls / with_rows,  f1 / met,
          weighted_f1 / weight, chance < 1 ? (accuracy - chance) / (1 - chance) : nan};
}

/// Collective. Loss and confusion of each of `Draw::lanes` replicates.
template <class Draw>
std::vector<std::pair<double, ClassMetrics>> replicates_of(const ClassRows& judged, std::size_t classes,
                                                           const Extent& extent, const Draw& draw,
                                                           const Context& context) {
  constexpr std::size_t lanes = Draw::lanes;
  const std::size_t cells = classes * classes;
  const int rows = sum_bound(magnitude_bound(extent.weight[0]), extent.rows) + (lanes > 1 ? replicate_bits : 1);
  std::vector<int> bounds((cells + 1) * lanes, rows);
  std::fill_n(bounds.begin(), lanes, rows + magnitude_bound(largest_loss));
  // Loss, then confusion, replicate by replicate.
  const ExactTotals found = aggregate(
      context, std::ssize(judged), ExactTotals{ExactSums(bounds)}, [&](int, ExactTotals& state, std::int64_t block) {
        std::vector<double> sums((cells + 1) * lanes);
        std::array<double, lanes> times{};
        for (const ClassRow& row : judged[static_cast<std::size_t>(block)]) {
          draw(row.key, times);
          const double loss = row.weight * row_loss(RowLoss::logarithmic, row.probability, 1);
          const std::size_t cell =
              1 + static_cast<std::size_t>(row.label) * classes + static_cast<std::size_t>(row.predicted);
          for (std::size_t lane = 0; lane < lanes; ++lane) {
            sums[lane] += times[lane] * loss;
            sums[cell * lanes + lane] += times[lane] * row.weight;
          }
        }
        for (std::size_t i = 0; i < sums.size(); ++i) state.sums.add(i, sums[i]);
      });
  std::vector<std::pair<double, ClassMetrics>> result;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    ClassMetrics& of = result.emplace_back(found.sums.value(lane), ClassMetrics{.classes = classes}).second;
    for (std::size_t cell = 1; cell <= cells; ++cell) of.confusion.push_back(found.sums.value(cell * lanes + lane));
  }
  return result;
}

}  // namespace

ClassMetrics::OfClass ClassMetrics::of_class(std::size_t k) const {
  OfClass result;
  double predicted = 0;
  for (std::size_t other = 0; other < classes; ++other) {
    result.weight += weight(k, other);
    predicted += weight(other, k);
  }
  const double hits = weight(k, k);
  result.precision = predicted > 0 ? hits / predicted : 0;
  result.recall = result.weight > 0 ? hits / result.weight : 0;
  result.f1 = hits > 0 ? 2 * hits / (result.weight + predicted) : 0;
  return result;
}

ClassMetrics class_metrics(const ClassRows& judged, std::size_t classes, const Bootstrap& bootstrap,
                           const Context& context) {
  const Extent extent = aggregate(context, std::ssize(judged), Extent{}, [&](int, Extent& state, std::int64_t block) {
    for (const ClassRow& row : judged[static_cast<std::size_t>(block)]) {
      ++state.rows;
      state.weight[0] = std::max(state.weight[0], row.weight);
    }
  });
  ClassMetrics result = [&] {
    auto [loss, of_rows] = replicates_of(judged, classes, extent, OnceEach{}, context).front();
    of_rows.figures = figures_of(loss, of_rows);
    return of_rows;
  }();
  result.rows = extent.rows;
  std::array<std::vector<double>, class_figure_count> replicates;
  constexpr auto lanes = static_cast<std::int64_t>(PoissonLanes::lanes);
  for (std::int64_t first = 0; extent.rows > 0 && first < bootstrap.replicates; first += lanes) {
    const auto batch = replicates_of(judged, classes, extent, PoissonLanes(bootstrap.seed, first), context);
    for (std::int64_t i = 0; i < std::min(lanes, bootstrap.replicates - first); ++i) {
      const auto& [loss, of] = batch[static_cast<std::size_t>(i)];
      const Figures figures = figures_of(loss, of);
      for (std::size_t f = 0; f < replicates.size(); ++f) replicates[f].push_back(figures[f]);
    }
  }
  for (std::size_t f = 0; f < replicates.size(); ++f) {
    const PercentileInterval interval = percentile_interval(std::move(replicates[f]));
    result.low[f] = interval.low;
    result.high[f] = interval.high;
  }
  return result;
}

}  // namespace cohort
