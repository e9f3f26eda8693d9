// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/deviance_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/aggregate.hpp"
#include "core/elementary.hpp"

namespace cohort {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Extremes {
  std::int64_t rows = 0;
  std::vector<double> deviance{0}, weight{0}, low{infinity}, high{-infinity};
  void parts(Parts& parts) {
    parts.sum(rows);
    parts.max(deviance);
    parts.max(weight);
    parts.min(low);
    parts.max(high);
  }
};

double to_power(double x, double exponent) {
  return x > 0 ? cohort::exp(exponent * cohort::log(x)) : 0;
}

/// The part of half a unit deviance that holds no mean.
double of_label(double power, double label) {
  if (power == 1) return label > 0 ? label * cohort::log(label) - label : 0;
  if (power == 2) return -cohort::log(label) - 1;
  return to_power(label, 2 - power) / ((1 - power) * (2 - power));
}

/// The rest of it, for labels of this mean.
double of_mean(double power, double label, double mean) {
  if (power == 1) return mean - (label > 0 ? label * cohort::log(mean) : 0);
  if (power == 2) return cohort::log(mean) + label / mean;
  return to_power(mean, 2 - power) / (2 - power) - label * to_power(mean, 1 - power) / (1 - power);
}

}  // namespace

double unit_deviance(double power, double label, double mean) {
  // Never below 0 but for rounding.
  return std::max(2 * (of_label(power, label) + of_mean(power, label, mean)), 0.0);
}

DevianceMetrics deviance_metrics(double power, const JudgedRows& judged, const Context& context) {
  const auto pass = [&](const auto& identity, const auto& add) {
    return aggregate(context, std::ssize(judged), identity, [&](int, auto& state, std::int64_t block) {
      for (const JudgedRow& row : judged[static_cast<std::size_t>(block)]) add(state, row);
    });
  };
  const Extremes extremes = pass(Extremes{}, [&](Extremes& state, const JudgedRow& row) {
    ++state.rows;
    state.low[0] = std::min(state.low[0], row.label);
    state.high[0] = std::max(state.high[0], row.label);
    state.weight[0] = std::max(state.weight[0], row.weight);
    if (!law_has(power, row.label)) return;
    state.deviance[0] = std::max(state.deviance[0], unit_deviance(power, row.label, row.prediction));
  });
  const double nan = std::numeric_limits<double>::quiet_NaN();
  if (extremes.rows == 0 || !law_has(power, extremes.low[0])) return {.mean_deviance = nan, .d2 = nan};
  const auto bound = [&](double term) {
    return sum_bound(magnitude_bound(term * extremes.weight[0]), extremes.rows) + 1;
  };
  // Convex or concave in the label, with one turn at most, at a label of 1.
  const double largest = std::max({std::abs(of_label(power, extremes.low[0])),
                                   std::abs(of_label(power, extremes.high[0])), std::abs(of_label(power, 1))});
  // Of weights, deviances, labels, and what the deviance takes of the label alone.
  const ExactTotals identity{
      ExactSums({bound(1), bound(extremes.deviance[0]), bound(extremes.high[0]), bound(largest)})};
  const ExactTotals sums = pass(identity, [&](ExactTotals& state, const JudgedRow& row) {
    state.sums.add(0, row.weight);
    state.sums.add(1, row.weight * unit_deviance(power, row.label, row.prediction));
    state.sums.add(2, row.weight * row.label);
    state.sums.add(3, row.weight * of_label(power, row.label));
  });
  const double weight = sums.sums.value(0), deviance = sums.sums.value(1) / weight, mean = sums.sums.value(2) / weight;
  const double of_null = 2 * (sums.sums.value(3) / weight + of_mean(power, mean, mean));
  return {.mean_deviance = deviance, .d2 = extremes.low[0] < extremes.high[0] ? 1 - deviance / of_null : nan};
}

}  // namespace cohort
