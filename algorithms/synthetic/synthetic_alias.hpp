// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cohort {

/// Draws an index with given odds in constant time: the alias method (Walker 1977; Vose 1991). Odds are kept to 32
/// bits.
class AliasTable {
 public:
  /// `weights` are positive; they need not sum to 1.
  explicit AliasTable(std::span<const double> weights);

  /// The index that 64 random bits stand for: the high half picks a slot, the low half one of its two indices.
  [[nodiscard]] std::int32_t draw(std::uint64_t bits) const {
    const Slot& slot = slots_[static_cast<std::size_t>((bits >> 32) * slots_.size() >> 32)];
    return (bits & 0xFFFF'FFFF) < slot.threshold ? slot.own : slot.alias;
  }

 private:
  struct Slot {
    std::uint64_t threshold = std::uint64_t{1} << 32;  ///< 2^32: always the slot's own index
    std::int32_t own = 0, alias = 0;
  };
  std::vector<Slot> slots_;
};

/// 1/1^exponent, 1/2^exponent, ...: Zipf's law for `count` items, the most frequent first.
[[nodiscard]] std::vector<double> zipf_weights(std::int64_t count, double exponent);

}  // namespace cohort
