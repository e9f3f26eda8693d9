// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace cohort {

/// 64 places of elements, one of each of 64 sequences.
struct alignas(64) ByteLine {
  std::array<std::uint8_t, 64> bytes{};
};

/// Kernels over rows of places, chosen once for the active instruction level. All give the same.
struct ByteKernels {
  /// How many of the ends are not 255.
  std::int64_t (*count_held)(const ByteLine* ends, std::int64_t lines);
  /// How many of the last places come after the ends.
  std::int64_t (*count_after)(const ByteLine* last, const ByteLine* ends, std::int64_t lines);
  /// out = the first place after each end, or 255. Plane k lies k * lines after `planes`, and places fall with k.
  void (*first_after)(const ByteLine* planes, std::int64_t n_planes, const ByteLine* ends, ByteLine* out,
                      std::int64_t lines);
  /// The places where `ends` is not 255, packed to the front of `out`, which is zero before and a line longer.
  void (*pack)(const ByteLine* row, const ByteLine* ends, ByteLine* out, std::int64_t lines);
};

[[nodiscard]] const ByteKernels& byte_kernels();

}  // namespace cohort
