// SPDX-License-Identifier: Apache-2.0
#include "algorithms/statistics/profile.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/statistics/table_pass.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

/// Sums about the population means, by segment and column.
struct SegmentSums {
  std::vector<std::int64_t> sizes;   ///< [segment + 1]; rows without a segment come first
  std::vector<std::int64_t> counts;  ///< [segment][column]
  ExactSums sums;                    ///< [segment][column][2]: of x - mean and its square

  void parts(Parts& parts) {
    parts.sum(sizes);
    parts.sum(counts);
    parts.exact(sums);
  }
};

SegmentSums no_sums(std::size_t segments, const std::vector<ColumnMoments>& population) {
  std::vector<int> bounds;
  for (std::size_t s = 0; s < segments; ++s) {
    for (const ColumnMoments& column : population) {
      const double reach = column.count > 0 ? std::max(column.max - column.mean, column.mean - column.min) : 0;
      bounds.push_back(sum_bound(magnitude_bound(reach) + 1, column.count));
      bounds.push_back(sum_bound(magnitude_bound(reach * reach) + 1, column.count));
    }
  }
  return {std::vector<std::int64_t>(segments + 1), std::vector<std::int64_t>(segments * population.size()),
          ExactSums(std::move(bounds))};
}

void add_column(SegmentSums& state, std::size_t column, std::size_t columns, double centre,
                std::span<const double> values, const std::vector<std::int32_t>& labels) {
  const std::size_t segments = state.sizes.size() - 1;
  std::vector<double> first(segments), second(segments);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (labels[i] < 0 || values[i] != values[i]) continue;
    const auto segment = static_cast<std::size_t>(labels[i]);
    const double difference = values[i] - centre;
    ++state.counts[segment * columns + column];
    first[segment] += difference;
    second[segment] += difference * difference;
  }
  for (std::size_t s = 0; s < segments; ++s) {
    state.sums.add(2 * (s * columns + column), first[s]);
    state.sums.add(2 * (s * columns + column) + 1, second[s]);
  }
}

ColumnProfile profile_of(std::int64_t count, double first, double second, const ColumnMoments& population) {
  const auto n = static_cast<double>(count);  // 0 / 0 is the NaN an empty segment should show
  const double offset = first / n;
  const double variance = second / n - offset * offset;
  return {.count = count,
          .mean = population.mean + offset,
          .sd = std::sqrt(variance < 0 ? 0 : variance),
          .z = offset / population.population_sd(),
          .index = 100 * (population.mean + offset) / population.mean,
          .total = count > 0 ? population.mean * n + first : 0};
}

}  // namespace

SegmentProfiles profile_segments(const NumericTable& table, std::int64_t segments, const Labeller& labels_of,
                                 const Context& context) {
  SegmentProfiles result{.columns = table.columns(), .population = moments_of(table, context)};
  const std::size_t columns = result.columns.size();
  const auto segment_count = static_cast<std::size_t>(segments);
  const SegmentSums sums = aggregate_table(
      context, table, no_sums(segment_count, result.population), [&](SegmentSums& state, const NumericBlock& block) {
        const std::vector<std::int32_t> labels = labels_of(block);
        for (const std::int32_t label : labels) ++state.sizes.at(static_cast<std::size_t>(label + 1));
        for (std::size_t j = 0; j < columns; ++j) {
          add_column(state, j, columns, result.population[j].mean, block.columns[j], labels);
        }
      });
  result.unassigned = sums.sizes.front();
  result.sizes.assign(sums.sizes.begin() + 1, sums.sizes.end());
  for (std::size_t s = 0; s < segment_count; ++s) {
    result.shares.push_back(static_cast<double>(result.sizes[s]) / static_cast<double>(table.total_rows()));
    std::vector<ColumnProfile>& profile = result.segments.emplace_back();
    for (std::size_t j = 0; j < columns; ++j) {
      const std::size_t at = s * columns + j;
      profile.push_back(
          profile_of(sums.counts[at], sums.sums.value(2 * at), sums.sums.value(2 * at + 1), result.population[j]));
    }
  }
  return result;
}

}  // namespace cohort
