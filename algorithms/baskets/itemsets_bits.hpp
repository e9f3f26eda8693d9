// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace cohort {

/// 512 bits: a row of baskets is a run of these, so that every kernel works on whole registers.
struct alignas(64) BitLine {
  std::array<std::uint64_t, 8> words{};
};

/// Kernels over rows of bits, chosen once for the active instruction level. All count the same.
struct BitKernels {
  /// Bits set in both rows.
  std::int64_t (*count_both)(const BitLine* a, const BitLine* b, std::int64_t lines);
  /// out = a and b.
  void (*both)(const BitLine* a, const BitLine* b, BitLine* out, std::int64_t lines);
  /// The bits of `row` at the set positions of `mask`, packed to the front of `out`, which is zero before.
  void (*pack)(const BitLine* row, const BitLine* mask, BitLine* out, std::int64_t lines);
};

[[nodiscard]] const BitKernels& bit_kernels();

[[nodiscard]] inline std::int64_t lines_of(std::int64_t bits) {
  return (bits + 511) / 512;
}

}  // namespace cohort
