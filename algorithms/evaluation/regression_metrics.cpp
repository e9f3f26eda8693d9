// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/regression_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/aggregate.hpp"

namespace cohort {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr int replicate_bits = 4;  // a row is in a replicate 12 times at most

struct Extremes {
  std::int64_t rows = 0;
  std::vector<double> most = std::vector<double>(3), low{infinity},
                      high{-infinity};  ///< |error|, |error / label|, weight
  void parts(Parts& parts) {
    parts.sum(rows);
    parts.max(most);
    parts.min(low);
    parts.max(high);
  }
};

double relative_error(const JudgedRow& row) {
  return std::abs(row.prediction - row.label) / std::max(std::abs(row.label), std::numeric_limits<double>::epsilon());
}

Extremes extremes_of(const JudgedRows& judged, const Context& context) {
  return aggregate(context, std::ssize(judged), Extremes{}, [&](int, Extremes& state, std::int64_t block) {
    for (const JudgedRow& row : judged[static_cast<std::size_t>(block)]) {
      ++state.rows;
      state.most[0] = std::max(state.most[0], std::abs(row.prediction - row.label));
      state.most[1] = std::max(state.most[1], relative_error(row));
      state.most[2] = std::max(state.most[2], row.weight);
      state.low[0] = std::min(state.low[0], row.label);
      state.high[0] = std::max(state.high[0], row.label);
    }
  });
}

/// What a row adds, before it is weighted: see terms_of.
constexpr std::size_t kinds = 7;
using Terms = std::array<double, kinds>;

Terms terms_of(const JudgedRow& row, double centre) {
  const double error = row.prediction - row.label, distance = row.label - centre;
  return {1, error * error, std::abs(error), error, relative_error(row), distance, distance * distance};
}

/// What bounds the sums, and about what the labels are centred.
struct Scale {
  double centre = 0;
  Terms bounds{};
  explicit Scale(const Extremes& of) : centre(of.low[0] / 2 + of.high[0] / 2) {
    const double distance = of.high[0] - centre;
    bounds = {1, of.most[0] * of.most[0], of.most[0], of.most[0], of.most[1], distance, distance * distance};
    for (double& bound : bounds) bound *= of.most[2];
  }
};

using Figures = std::array<double, regression_figure_count>;

Figures figures_of(const Terms& sums) {
  const double weight = sums[0], squares = sums[6] - sums[5] * (sums[5] / weight);
  if (!(weight > 0)) return {nan, nan, nan, nan, nan};
  return {std::sqrt(sums[1] / weight), sums[2] / weight, squares > 0 ? 1 - sums[1] / squares : nan, sums[3] / weight,
          sums[4] / weight};
}

/// Collective. The figures of each of `Draw::lanes` replicates.
template <class Draw>
std::vector<Figures> regression_figures(const JudgedRows& judged, const Extremes& extremes, const Draw& draw,
                                        const Context& context) {
  constexpr std::size_t lanes = Draw::lanes;
  const Scale scale(extremes);
  std::vector<int> bounds;
  for (const double bound : scale.bounds) {
    bounds.insert(bounds.end(), lanes,
                  sum_bound(magnitude_bound(bound), extremes.rows) + (lanes > 1 ? replicate_bits : 1));
  }
  // Sums of each kind of term, replicate by replicate.
  const ExactTotals found = aggregate(context, std::ssize(judged), ExactTotals{ExactSums(bounds)},
                                      [&](int, ExactTotals& state, std::int64_t block) {
                                        std::array<std::array<double, lanes>, kinds> sums{};
                                        std::array<double, lanes> times{};
                                        for (const JudgedRow& row : judged[static_cast<std::size_t>(block)]) {
                                          draw(row.key, times);
                                          const Terms terms = terms_of(row, scale.centre);
                                          for (std::size_t kind = 0; kind < kinds; ++kind) {
                                            const double term = row.weight * terms[kind];
                                            for (std::size_t lane = 0; lane < lanes; ++lane)
                                              sums[kind][lane] += times[lane] * term;
                                          }
                                        }
                                        for (std::size_t i = 0; i < kinds * lanes; ++i)
                                          state.sums.add(i, sums[i / lanes][i % lanes]);
                                      });
  std::vector<Figures> result;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    Terms sums;
    for (std::size_t kind = 0; kind < kinds; ++kind) sums[kind] = found.sums.value(kind * lanes + lane);
    result.push_back(figures_of(sums));
  }
  return result;
}

}  // namespace

RegressionMetrics regression_metrics(const JudgedRows& judged, const Bootstrap& bootstrap, const Context& context) {
  const Extremes extremes = extremes_of(judged, context);
  RegressionMetrics result{.rows = extremes.rows};
  for (Figures* figures : {&result.figures, &result.low, &result.high}) figures->fill(nan);
  if (extremes.rows == 0) return result;
  result.figures = regression_figures(judged, extremes, OnceEach{}, context).front();
  if (!(extremes.low[0] < extremes.high[0])) result.figures[static_cast<std::size_t>(RegressionFigure::r2)] = nan;
  std::array<std::vector<double>, regression_figure_count> replicates;
  constexpr auto lanes = static_cast<std::int64_t>(PoissonLanes::lanes);
  for (std::int64_t first = 0; first < bootstrap.replicates; first += lanes) {
    const auto batch = regression_figures(judged, extremes, PoissonLanes(bootstrap.seed, first), context);
    for (std::int64_t i = 0; i < std::min(lanes, bootstrap.replicates - first); ++i) {
      for (std::size_t f = 0; f < replicates.size(); ++f) {
        replicates[f].push_back(batch[static_cast<std::size_t>(i)][f]);
      }
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
