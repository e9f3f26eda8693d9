// SPDX-License-Identifier: Apache-2.0
#include "algorithms/statistics/moments.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "algorithms/statistics/table_pass.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t lanes = 8;  // fixed logical lanes: the compiler may use any vector width, the bits stay

using Lanes = std::array<double, lanes>;

double total(const Lanes& sums) {
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

/// Calls each(lane, x) for all values, the lanes in turn.
template <class Each>
void for_each_lane(std::span<const double> values, const Each& each) {
  std::size_t i = 0;
  for (; i + lanes <= values.size(); i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) each(lane, values[i + lane]);
  }
  for (std::size_t lane = 0; i < values.size(); ++i, ++lane) each(lane, values[i]);
}

struct Extremes {
  std::vector<std::int64_t> counts, missing;
  std::vector<double> lowest, highest;
  std::vector<double> lowest_mean, highest_mean;  ///< of blocks

  explicit Extremes(std::size_t columns)
      : counts(columns),
        missing(columns),
        lowest(columns, infinity),
        highest(columns, -infinity),
        lowest_mean(columns, infinity),
        highest_mean(columns, -infinity) {}

  void parts(Parts& parts) {
    parts.sum(counts);
    parts.sum(missing);
    parts.min(lowest);
    parts.max(highest);
    parts.min(lowest_mean);
    parts.max(highest_mean);
  }

  void add(std::size_t column, std::span<const double> values) {
    Lanes low, high, sums{}, present{};
    low.fill(infinity);
    high.fill(-infinity);
    for_each_lane(values, [&](std::size_t lane, double x) {
      low[lane] = x < low[lane] ? x : low[lane];  // false for NaN
      high[lane] = x > high[lane] ? x : high[lane];
      sums[lane] += x == x ? x : 0;
      present[lane] += x == x ? 1 : 0;  // counts in doubles vectorise with the rest; exact below 2^53
    });
    const double count = total(present);
    counts[column] += static_cast<std::int64_t>(count);
    missing[column] += static_cast<std::int64_t>(values.size()) - static_cast<std::int64_t>(count);
    if (count == 0) return;
    lowest[column] = std::min(lowest[column], *std::min_element(low.begin(), low.end()));
    highest[column] = std::max(highest[column], *std::max_element(high.begin(), high.end()));
    const double mean = total(sums) / count;
    if (!std::isfinite(mean)) return;  // infinite values or an overflow: reported from the extremes
    lowest_mean[column] = std::min(lowest_mean[column], mean);
    highest_mean[column] = std::max(highest_mean[column], mean);
  }
};

/// A centre near the mean that no order of merging can change: midway between the extreme means of blocks.
std::vector<double> centres_of(const Extremes& extremes) {
  std::vector<double> centres(extremes.counts.size());
  for (std::size_t j = 0; j < centres.size(); ++j) {
    const double middle = extremes.lowest_mean[j] / 2 + extremes.highest_mean[j] / 2;
    centres[j] = std::isfinite(middle) ? middle : 0;
  }
  return centres;
}

/// Bounds of the sums of (x - centre) and, after them, of (x - centre)^2.
std::vector<int> bounds_of(const Extremes& extremes, const std::vector<double>& centres) {
  const std::size_t columns = centres.size();
  std::vector<int> bounds(2 * columns, 0);
  for (std::size_t j = 0; j < columns; ++j) {
    if (extremes.counts[j] == 0) continue;
    const double reach = std::max(extremes.highest[j] - centres[j], centres[j] - extremes.lowest[j]);
    if (!std::isfinite(reach * reach * static_cast<double>(extremes.counts[j]))) {
      throw Error(ExitCode::numerical,
                  fmt::format("column {} has values from {} to {}: their squares leave the range of doubles", j,
                              extremes.lowest[j], extremes.highest[j]),
                  "drop the column, clean its extreme values, or scale it by log1p");
    }
    bounds[j] = sum_bound(magnitude_bound(reach), extremes.counts[j]) + 1;
    bounds[columns + j] = sum_bound(magnitude_bound(reach * reach), extremes.counts[j]) + 1;
  }
  return bounds;
}

struct CentredSums {
  ExactSums sums;
  void parts(Parts& parts) { parts.exact(sums); }

  void add(std::size_t column, std::size_t columns, std::span<const double> values, double centre) {
    Lanes first{}, second{};
    for_each_lane(values, [&](std::size_t lane, double x) {
      const double difference = x == x ? x - centre : 0;
      first[lane] += difference;
      second[lane] += difference * difference;
    });
    sums.add(column, total(first));
    sums.add(columns + column, total(second));
  }
};

void check_finite(const NumericTable& table, const Extremes& extremes) {
  for (std::size_t j = 0; j < extremes.counts.size(); ++j) {
    if (extremes.counts[j] == 0 || (std::isfinite(extremes.lowest[j]) && std::isfinite(extremes.highest[j]))) continue;
    throw Error(ExitCode::bad_data,
                fmt::format("column {} holds an infinite value (range {} to {})", table.columns()[j],
                            extremes.lowest[j], extremes.highest[j]),
                "clean the column, or mark such values as missing");
  }
}

ColumnMoments finish(const Extremes& extremes, const ExactSums& sums, const std::vector<double>& centres,
                     std::size_t j) {
  ColumnMoments result{.count = extremes.counts[j], .missing = extremes.missing[j]};
  if (result.count == 0) {
    result.min = result.max = result.mean = result.squares = nan;
    return result;
  }
  const auto count = static_cast<double>(result.count);
  const double first = sums.value(j);
  result.min = extremes.lowest[j];
  result.max = extremes.highest[j];
  result.mean = std::clamp(centres[j] + first / count, result.min, result.max);
  result.squares = std::max(0.0, sums.value(centres.size() + j) - first * (first / count));
  if (result.min == result.max) result.squares = 0;
  return result;
}

}  // namespace

double ColumnMoments::population_variance() const {
  return squares / static_cast<double>(count);
}
double ColumnMoments::population_sd() const {
  return std::sqrt(population_variance());
}
double ColumnMoments::sample_sd() const {
  return count > 1 ? std::sqrt(squares / static_cast<double>(count - 1)) : nan;
}

std::vector<ColumnMoments> moments_of(const NumericTable& table, const Context& context) {
  const std::size_t columns = table.columns().size();
  const Extremes extremes =
      aggregate_table(context, table, Extremes(columns), [](Extremes& state, const NumericBlock& block) {
        for (std::size_t j = 0; j < block.columns.size(); ++j) state.add(j, block.columns[j]);
      });
  check_finite(table, extremes);
  const std::vector<double> centres = centres_of(extremes);
  const CentredSums identity{ExactSums(bounds_of(extremes, centres))};
  const CentredSums centred =
      aggregate_table(context, table, identity, [&](CentredSums& state, const NumericBlock& block) {
        for (std::size_t j = 0; j < columns; ++j) state.add(j, columns, block.columns[j], centres[j]);
      });
  std::vector<ColumnMoments> result(columns);
  for (std::size_t j = 0; j < columns; ++j) result[j] = finish(extremes, centred.sums, centres, j);
  return result;
}

}  // namespace cohort
