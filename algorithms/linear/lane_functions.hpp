// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

// Functions for loops that the compiler turns into lanes. Additions, multiplications and divisions alone, none fused:
// compiled for each instruction level, the bits stay.

namespace cohort {

/// e^y for |y| <= 707: Cody and Waite's reduction and Taylor's series; relative error below 1e-15.
[[gnu::always_inline]] inline double exp_within(double y) {
  constexpr double shifter = 0x1.8p52;  // adding it leaves the nearest whole number in the low bits
  constexpr double ln2_high = 0x1.62e42fee00000p-1, ln2_low = 0x1.a39ef35793c76p-33;
  const double shifted = y * 0x1.71547652b82fep+0 + shifter;
  const double n = shifted - shifter;
  const double r = (y - n * ln2_high) - n * ln2_low;
  double sum = 1.0 / 6227020800;
  constexpr double terms[] = {
      1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720,
      1.0 / 120,       1.0 / 24,       1.0 / 6,       0.5,          1.0,         1.0};
#pragma GCC unroll 13
  for (const double term : terms) sum = sum * r + term;
  return sum * std::bit_cast<double>((std::bit_cast<std::int64_t>(shifted) << 52) + (std::int64_t{1023} << 52));
}

/// e^-x for 0 <= x, smallest near 1e-307.
[[gnu::always_inline]] inline double exp_minus(double x) {
  return exp_within(-std::min(x, 707.0));
}

/// ln(1 + x) for 0 <= x <= 1 as 2 atanh(x / (2 + x)).
[[gnu::always_inline]] inline double log1p_unit(double x) {
  const double s = x / (2 + x), z = s * s;
  double sum = 1.0 / 35;
#pragma GCC unroll 17
  for (int k = 33; k >= 1; k -= 2) sum = sum * z + 1.0 / k;
  return 2 * s * sum;
}

}  // namespace cohort
