// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace cohort {

/// Adds `count` integers to others; returns whether a sum passed 2^63. Without a branch, so that it is vectorised.
inline bool add_integers(const std::int64_t* from, std::int64_t* to, std::int64_t count) {
  std::uint64_t passed = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto a = static_cast<std::uint64_t>(from[i]), b = static_cast<std::uint64_t>(to[i]);
    const std::uint64_t sum = a + b;
    passed |= (a ^ sum) & (b ^ sum);  // its sign differs from that of both
    to[i] = static_cast<std::int64_t>(sum);
  }
  return passed >> 63 != 0;
}

/// Keeps the larger of each pair.
inline void take_larger(const std::int64_t* from, std::int64_t* to, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = std::max(to[i], from[i]);
}

}  // namespace cohort
