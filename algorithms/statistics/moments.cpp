// SPDX-License-Identifier: Apache-2.0
#include "algorithms/statistics/moments.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "algorithms/statistics/table_pass.hpp"
#include "core/error.hpp"
#include "core/isa.hpp"

namespace cohort {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
// Fixed logical lanes: each instruction level takes them by as many as it has, the bits stay.
using Lanes = double __attribute__((vector_size(64)));
using Counts = std::int64_t __attribute__((vector_size(64)));
constexpr std::size_t lanes = sizeof(Lanes) / sizeof(double);

[[gnu::always_inline]] inline double total(const Lanes& sums) {
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

/// Calls each(x) for all values, as many at once as there are lanes; the last are filled up with NaN.
template <class Each>
[[gnu::always_inline]] inline void for_each_lanes(std::span<const double> values, const Each& each) {
  Lanes x;
  std::size_t i = 0;
  for (; i + lanes <= values.size(); i += lanes) {
    std::memcpy(&x, &values[i], sizeof x);
    each(x);
  }
  if (i == values.size()) return;
  x = Lanes{} + nan;
  std::memcpy(&x, &values[i], (values.size() - i) * sizeof(double));
  each(x);
}

/// What one block tells of one column: the mean of its values, and their sums about it. Kept until all blocks have been
/// read and the common centre is known, so that the data are read once.
struct BlockMoments {
  double low = infinity, high = -infinity, count = 0, mean = 0, first = 0, second = 0;
};

/// The second walk finds the values in the cache. Nothing is fused: compiled for each level, the bits stay.
[[gnu::always_inline]] inline BlockMoments scan_block(std::span<const double> values) {
  Lanes low = Lanes{} + infinity, high = Lanes{} - infinity, sums{}, first{}, second{};
  Counts present{};
  for_each_lanes(
      values, [&](const Lanes& x) __attribute__((always_inline)) {
        low = x < low ? x : low;  // false for NaN
        high = x > high ? x : high;
        sums += x == x ? x : 0.0;
        present -= x == x;  // a true comparison is -1
      });
  BlockMoments block;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    block.low = std::min(block.low, low[lane]);
    block.high = std::max(block.high, high[lane]);
    block.count += static_cast<double>(present[lane]);
  }
  if (block.count == 0) return block;
  block.mean = total(sums) / block.count;
  for_each_lanes(
      values, [&](const Lanes& x) __attribute__((always_inline)) {
        const Lanes difference = x == x ? x - block.mean : 0.0;
        first += difference;
        second += difference * difference;
      });
  block.first = total(first);
  block.second = total(second);
  return block;
}

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")]] BlockMoments scan_avx512(
    std::span<const double> values) {
  return scan_block(values);
}
[[gnu::target("avx2,bmi2")]] BlockMoments scan_avx2(std::span<const double> values) {
  return scan_block(values);
}
BlockMoments scan_portable(std::span<const double> values) {
  return scan_block(values);
}

auto active_scan() {
  return active_isa() == Isa::avx512 ? scan_avx512 : active_isa() == Isa::avx2 ? scan_avx2 : scan_portable;
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

  BlockMoments add(std::size_t column, std::span<const double> values) {
    const BlockMoments block = active_scan()(values);
    const auto count = static_cast<std::int64_t>(block.count);
    counts[column] += count;
    missing[column] += static_cast<std::int64_t>(values.size()) - count;
    if (count == 0) return block;
    lowest[column] = std::min(lowest[column], block.low);
    highest[column] = std::max(highest[column], block.high);
    if (!std::isfinite(block.mean)) return block;  // infinite values or an overflow: reported from the extremes
    lowest_mean[column] = std::min(lowest_mean[column], block.mean);
    highest_mean[column] = std::max(highest_mean[column], block.mean);
    return block;
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

  void add(std::size_t column, std::size_t columns, const BlockMoments& block, double centre) {
    const double shift = block.mean - centre;
    sums.add(column, block.first + block.count * shift);
    sums.add(columns + column, block.second + shift * (2 * block.first + block.count * shift));
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
  std::vector<std::vector<BlockMoments>> blocks(static_cast<std::size_t>(table.block_count()));
  Readers readers(table, context.threads);
  const Extremes extremes =
      aggregate(context, table.block_count(), Extremes(columns), [&](int worker, Extremes& state, std::int64_t index) {
        const NumericBlock block = readers.read(worker, index);
        std::vector<BlockMoments>& kept = blocks[static_cast<std::size_t>(index)];
        for (std::size_t j = 0; j < columns; ++j) kept.push_back(state.add(j, block.columns[j]));
      });
  check_finite(table, extremes);
  const std::vector<double> centres = centres_of(extremes);
  const CentredSums identity{ExactSums(bounds_of(extremes, centres))};
  const CentredSums centred =
      aggregate(context, table.block_count(), identity, [&](int, CentredSums& state, std::int64_t index) {
        const std::vector<BlockMoments>& kept = blocks[static_cast<std::size_t>(index)];
        for (std::size_t j = 0; j < columns; ++j) state.add(j, columns, kept[j], centres[j]);
      });
  std::vector<ColumnMoments> result(columns);
  for (std::size_t j = 0; j < columns; ++j) result[j] = finish(extremes, centred.sums, centres, j);
  return result;
}

}  // namespace cohort
