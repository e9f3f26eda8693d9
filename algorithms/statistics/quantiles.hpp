// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/block.hpp"
#include "core/context.hpp"

namespace cohort {

/// Collective. Exact quantiles of every column, missing values left out: result[column][i] is the quantile at
/// probabilities[i] in [0, 1], interpolated linearly between order statistics as numpy does; NaN for an empty column.
/// Radix-histogram passes, 8 to 16 bits of the order-preserving 64-bit key each, until few values are left to look at.
[[nodiscard]] std::vector<std::vector<double>> quantiles_of(const NumericTable& table,
                                                            const std::vector<double>& probabilities,
                                                            const Context& context);

/// Bits of the keys that a pass looks at while so many values are left in `buckets` prefixes.
[[nodiscard]] int quantile_digit_bits(std::int64_t values, std::int64_t buckets);
/// With no more values left, they are looked at themselves.
constexpr std::int64_t few_quantile_values = 65'536;

}  // namespace cohort
