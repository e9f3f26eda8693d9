// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <span>

// Loops over the integers of a tile, compiled for each instruction level: what a group-by does with every value.

namespace cohort {

/// How a field's values become codes in a word of a key.
struct FieldCodes {
  std::uint64_t low = 0;         ///< value of code 0
  std::uint64_t of_missing = 0;  ///< its code
  int shift = 0;
  bool first = true;  ///< of the word: what stood there does not count

  /// The word with the code of a value.
  template <class Value>
  [[gnu::always_inline]] std::uint64_t added(std::uint64_t word, Value value) const {
    const bool missing = value == std::numeric_limits<Value>::min();
    const std::uint64_t code = missing ? of_missing : static_cast<std::uint64_t>(std::int64_t{value}) - low;
    return (first ? 0 : word) | code << shift;
  }
};

/// Adds the codes of `values` to as many keys of one word each.
void add_codes(std::span<const std::int32_t> values, const FieldCodes& codes, std::uint64_t* keys);
void add_codes(std::span<const std::int64_t> values, const FieldCodes& codes, std::uint64_t* keys);

/// The same values as int64; missing stays missing.
void widen(std::span<const std::int32_t> values, std::int64_t* out);

}  // namespace cohort
