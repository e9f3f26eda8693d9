// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/block.hpp"
#include "core/context.hpp"

namespace cohort {

/// What one column holds; missing values count only as missing. The figures of an empty column are NaN.
struct ColumnMoments {
  std::int64_t count = 0, missing = 0;
  double min = 0, max = 0;
  double mean = 0;
  double squares = 0;  ///< sum of (x - mean)^2

  [[nodiscard]] double population_variance() const;  ///< squares / count
  [[nodiscard]] double population_sd() const;
  [[nodiscard]] double sample_sd() const;  ///< by count - 1; NaN for a single value
};

/// Collective. Moments of every column, by two passes: extremes first, then exact sums about a common centre. Throws
/// Error(bad_data) for an infinite value, Error(numerical) when squares leave the range of doubles.
[[nodiscard]] std::vector<ColumnMoments> moments_of(const NumericTable& table, const Context& context);

}  // namespace cohort
