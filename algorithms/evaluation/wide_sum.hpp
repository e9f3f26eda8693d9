// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "core/parts.hpp"

namespace cohort {

__extension__ using Wide = __int128;

/// A sum of whole numbers too large for 64 bits, as limbs of 44 bits that add up over threads and ranks.
struct WideSum {
  static constexpr int limb_bits = 44;
  std::array<std::int64_t, 3> limbs{};

  void add(Wide value) {
    value += total();
    constexpr Wide mask = (Wide{1} << limb_bits) - 1;
    limbs = {static_cast<std::int64_t>(value & mask), static_cast<std::int64_t>((value >> limb_bits) & mask),
             static_cast<std::int64_t>(value >> (2 * limb_bits))};
  }
  [[nodiscard]] Wide total() const {
    return (static_cast<Wide>(limbs[2]) << (2 * limb_bits)) + (static_cast<Wide>(limbs[1]) << limb_bits) + limbs[0];
  }
  void parts(Parts& parts) { parts.sum(limbs); }
};

/// Sample covariance of `count` pairs of whole numbers from their sums and that of their products, over `unit` squared:
/// exact up to the last division. NaN for fewer than two pairs.
[[nodiscard]] inline double covariance(Wide first, Wide second, Wide products, std::int64_t count, double unit) {
  if (count < 2) return std::numeric_limits<double>::quiet_NaN();
  const auto n = static_cast<double>(count);
  return static_cast<double>(products * count - first * second) / (n * (n - 1)) / (unit * unit);
}

}  // namespace cohort
