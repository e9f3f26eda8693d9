// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/binary_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "algorithms/evaluation/bin_walk.hpp"
#include "algorithms/evaluation/wide_sum.hpp"
#include "algorithms/statistics/score_bins.hpp"
#include "core/aggregate.hpp"

namespace cohort {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
using Counts = std::vector<double>;

/// Collective. Calls add(state, group) for every run of equal probabilities, all rows counting once.
template <class State, class Add>
State walk_all(const SortedRows& rows, const BinaryReplicate& totals, const State& identity, const Context& context,
               const Add& add) {
  const auto above_each = [&](Counts weights) {
    double sum = 0;
    for (std::size_t bin = weights.size(); bin-- > 0;) sum += std::exchange(weights[bin], sum);
    for (double& weight : weights) weight /= rows.unit();
    return weights;
  };
  const Counts above = above_each(totals.weight_of_bin), positives_above = above_each(totals.positive_of_bin);
  return aggregate(context, std::ssize(rows.bins()), identity, [&](int, State& state, std::int64_t i) {
    const SortedRows::Bin& bin = rows.bins()[static_cast<std::size_t>(i)];
    const EqualRows<1> start{.above = {above[bin.number]}, .positives_above = {positives_above[bin.number]}};
    walk_down(bin, OnceEach{}, start, [&](const EqualRows<1>& group) { add(state, group); });
  });
}

/// How many rows of the other class lie below a positive, or above a negative, twice: sums over the rows of a class.
struct Placements {
  WideSum below_positives, below_positives_squared, above_negatives_squared;
  void parts(Parts& parts) {
    for (WideSum* sum : {&below_positives, &below_positives_squared, &above_negatives_squared}) sum->parts(parts);
  }
};

/// Collective. DeLong's variance from sums of whole numbers, which lose nothing when they are subtracted.
double delong_variance(const SortedRows& rows, const BinaryReplicate& totals, const Context& context) {
  const std::int64_t positives = rows.positives(), negatives = rows.rows() - positives;
  if (rows.weighted() || positives == 0 || negatives == 0) return nan;
  const auto add = [&](Placements& state, const EqualRows<1>& group) {
    const auto positive = static_cast<std::int64_t>(group.positives_here[0]);
    const std::int64_t negative = static_cast<std::int64_t>(group.here[0]) - positive;
    const auto positives_above = static_cast<std::int64_t>(group.positives_above[0]);
    const std::int64_t negatives_above = static_cast<std::int64_t>(group.above[0]) - positives_above;
    const Wide below = 2 * (negatives - negatives_above - negative) + negative, above = 2 * positives_above + positive;
    state.below_positives.add(below * positive);
    state.below_positives_squared.add(below * below * positive);
    state.above_negatives_squared.add(above * above * negative);
  };
  const Placements sums = walk_all(rows, totals, Placements{}, context, add);
  const auto p = static_cast<double>(positives), n = static_cast<double>(negatives);
  const Wide wins = sums.below_positives.total();  // the same from either side
  return covariance(wins, wins, sums.below_positives_squared.total(), positives, 2 * n) / p +
         covariance(wins, wins, sums.above_negatives_squared.total(), negatives, 2 * p) / n;
}

struct Largest {
  std::vector<double> value{0};  // that of treating nobody
  void parts(Parts& parts) { parts.max(value); }
};

/// Collective. The threshold at which the profit is largest.
double best_threshold(const SortedRows& rows, const BinaryReplicate& totals, const BinaryQuestion& question,
                      const Context& context) {
  const auto profit = [&](const EqualRows<1>& group) {
    return question.value * (group.positives_above[0] + group.positives_here[0]) -
           question.cost * (group.above[0] + group.here[0]);
  };
  const Largest most = walk_all(rows, totals, Largest{}, context, [&](Largest& state, const EqualRows<1>& group) {
    state.value[0] = std::max(state.value[0], profit(group));
  });
  if (most.value[0] == 0) return infinity;
  const Largest at = walk_all(rows, totals, Largest{}, context, [&](Largest& state, const EqualRows<1>& group) {
    if (profit(group) == most.value[0]) state.value[0] = std::max(state.value[0], group.probability);
  });
  return at.value[0];
}

/// A point whenever half a percent of the weight has gone by.
void set_curve(BinaryMetrics& result) {
  constexpr double points = 200;
  const BinaryReplicate& of = result.of_rows;
  BinaryMetrics::CurvePoint point;
  double next = 1;
  for (std::size_t bin = ScoreBins::count; bin-- > 0;) {
    point = {.threshold = static_cast<double>(bin) / static_cast<double>(ScoreBins::count),
             .weight = point.weight + of.weight_of_bin[bin],
             .positive_weight = point.positive_weight + of.positive_of_bin[bin]};
    if (point.weight * points < next * of.weight || of.weight_of_bin[bin] == 0) continue;
    result.curve.push_back(point);
    next = std::floor(point.weight * points / of.weight) + 1;
  }
}

/// Collective. Percentiles of the figures of replicates.
void set_percentiles(const SortedRows& rows, const Profit& profit, const Bootstrap& bootstrap, BinaryMetrics& result,
                     const Context& context) {
  std::array<std::vector<double>, binary_figure_count> figures;
  constexpr auto lanes = static_cast<std::int64_t>(PoissonLanes::lanes);
  for (std::int64_t first = 0; first < bootstrap.replicates; first += lanes) {
    const auto batch = binary_figures(rows, profit, PoissonLanes(bootstrap.seed, first), context);
    for (std::int64_t i = 0; i < std::min(lanes, bootstrap.replicates - first); ++i) {
      for (std::size_t f = 0; f < figures.size(); ++f) {
        figures[f].push_back(batch[static_cast<std::size_t>(i)].figures[f]);
      }
    }
  }
  for (std::size_t f = 0; f < figures.size(); ++f) {
    const PercentileInterval interval = percentile_interval(std::move(figures[f]));
    result.low[f] = interval.low;
    result.high[f] = interval.high;
  }
}

void set_delong_interval(BinaryMetrics& result) {
  const double auc = result[BinaryFigure::roc_auc], half = 1.959963984540054 * std::sqrt(result.roc_auc_variance);
  if (std::isnan(half)) return;
  const auto set = [&](BinaryFigure figure, double low, double high) {
    result.low[static_cast<std::size_t>(figure)] = low;
    result.high[static_cast<std::size_t>(figure)] = high;
  };
  const double low = std::max(0.0, auc - half), high = std::min(1.0, auc + half);
  set(BinaryFigure::roc_auc, low, high);
  set(BinaryFigure::gini, 2 * low - 1, 2 * high - 1);
}

}  // namespace

BinaryMetrics binary_metrics(const JudgedRows& judged, const BinaryQuestion& question, const std::string& spill_folder,
                             const Context& context) {
  const SortedRows rows(judged, spill_folder, context);
  BinaryMetrics result{.rows = rows.rows(), .positives = rows.positives()};
  result.low.fill(nan);
  result.high.fill(nan);
  Profit profit{.value = question.value, .cost = question.cost, .threshold = question.threshold};
  result.of_rows = binary_figures(rows, profit, OnceEach{}, context).front();
  result.best_threshold = question.value > 0 ? best_threshold(rows, result.of_rows, question, context) : nan;
  if (question.value > 0 && std::isnan(question.threshold)) {
    profit.threshold = result.best_threshold;
    result.of_rows = binary_figures(rows, profit, OnceEach{}, context).front();
  }
  result.roc_auc_variance = delong_variance(rows, result.of_rows, context);
  if (result.rows > 0) set_percentiles(rows, profit, question.bootstrap, result, context);
  set_delong_interval(result);
  set_curve(result);
  return result;
}

}  // namespace cohort
