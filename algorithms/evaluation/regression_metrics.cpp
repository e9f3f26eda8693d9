// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/regression_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/aggregate.hpp"

namespace cohort {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Extremes {
  std::int64_t rows = 0;
  std::vector<double> error{0}, low{infinity}, high{-infinity};
  void parts(Parts& parts) {
    parts.sum(rows);
    parts.max(error);
    parts.min(low);
    parts.max(high);
  }
};

/// Squared and absolute errors, distances from the centre of the labels and their squares.
struct Sums {
  ExactSums sums;
  void parts(Parts& parts) { parts.exact(sums); }
};

}  // namespace

RegressionMetrics regression_metrics(std::int64_t blocks, const PredictedBlocks& predicted, const Context& context) {
  const auto pass = [&](const auto& identity, const auto& add) {
    return aggregate(context, blocks, identity, [&](int worker, auto& state, std::int64_t block) {
      std::vector<PredictedRow> rows;
      predicted(worker, block, rows);
      for (const PredictedRow& row : rows) add(state, row);
    });
  };
  const Extremes extremes = pass(Extremes{}, [](Extremes& state, const PredictedRow& row) {
    ++state.rows;
    state.error[0] = std::max(state.error[0], std::abs(row.prediction - row.label));
    state.low[0] = std::min(state.low[0], row.label);
    state.high[0] = std::max(state.high[0], row.label);
  });
  const double nan = std::numeric_limits<double>::quiet_NaN();
  if (extremes.rows == 0) return {.rows = 0, .rmse = nan, .mae = nan, .r2 = nan};
  const double centre = extremes.low[0] / 2 + extremes.high[0] / 2;
  const int error = magnitude_bound(extremes.error[0]), label = magnitude_bound(extremes.high[0] - centre);
  const auto bound = [&](int of_term) { return sum_bound(of_term, extremes.rows) + 1; };
  const Sums identity{ExactSums({bound(2 * error), bound(error), bound(label), bound(2 * label)})};
  const Sums sums = pass(identity, [&](Sums& state, const PredictedRow& row) {
    const double miss = row.prediction - row.label, distance = row.label - centre;
    state.sums.add(0, miss * miss);
    state.sums.add(1, std::abs(miss));
    state.sums.add(2, distance);
    state.sums.add(3, distance * distance);
  });
  const auto rows = static_cast<double>(extremes.rows);
  const double squares = sums.sums.value(3) - sums.sums.value(2) * (sums.sums.value(2) / rows);
  return {.rows = extremes.rows,
          .rmse = std::sqrt(sums.sums.value(0) / rows),
          .mae = sums.sums.value(1) / rows,
          .r2 = extremes.low[0] < extremes.high[0] ? 1 - sums.sums.value(0) / squares : nan};
}

}  // namespace cohort
