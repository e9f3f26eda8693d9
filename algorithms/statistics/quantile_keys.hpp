// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/block.hpp"

namespace cohort {

/// Bits of a key that a pass looks at.
struct KeyDigit {
  int shift = 64;  ///< of the lowest
  int bits = 0;

  [[nodiscard]] int top() const { return shift + bits; }
  [[nodiscard]] std::size_t values() const { return std::size_t{1} << bits; }
  [[nodiscard]] std::uint64_t of(std::uint64_t key) const { return (key >> shift) & (values() - 1); }
  [[nodiscard]] std::uint64_t prefix(std::uint64_t key) const { return top() == 64 ? 0 : key >> top(); }
};

/// The values of a column as unsigned integers in the same order, of which only the first `bits()` differ. Whole
/// numbers within known bounds take as many bits as these are apart; any others the 64 of a double.
class QuantileKeys {
 public:
  explicit QuantileKeys(const std::optional<NumericGrid>& grid) {
    constexpr std::int64_t exact = std::int64_t{1} << 48;  // rounding a value times its divisor stays below a half
    if (!grid || grid->low < -exact || grid->high > exact) return;
    grid_ = *grid;
    bits_ = std::max(1, static_cast<int>(std::bit_width(static_cast<std::uint64_t>(grid->high - grid->low))));
  }

  [[nodiscard]] int bits() const { return bits_; }
  /// The part of a digit that these keys have.
  [[nodiscard]] KeyDigit clip(KeyDigit digit) const {
    const int shift = std::max(digit.shift, 64 - bits_);
    return {.shift = shift, .bits = digit.top() - shift};
  }

  /// Calls `work(key)`, where key(x) is the key of a value that is not NaN; so no value asks which kind it is of.
  template <class Work>
  void visit(const Work& work) const {
    if (bits_ == 64) return work([](double x) { return of_double(x); });
    const double low = static_cast<double>(grid_.low) - 0.5, divisor = grid_.divisor;
    const int shift = 64 - bits_;
    work([=](double x) { return static_cast<std::uint64_t>(static_cast<std::int64_t>(x * divisor - low)) << shift; });
  }
  [[nodiscard]] double value(std::uint64_t key) const {
    if (bits_ == 64) return std::bit_cast<double>(key >> 63 != 0 ? key ^ std::uint64_t{1} << 63 : ~key);
    return static_cast<double>(grid_.low + static_cast<std::int64_t>(key >> (64 - bits_))) / grid_.divisor;
  }

 private:
  /// -0 and 0 are one value.
  static std::uint64_t of_double(double x) {
    const auto bits = std::bit_cast<std::uint64_t>(x + 0.0);
    return bits >> 63 != 0 ? ~bits : bits | std::uint64_t{1} << 63;
  }

  NumericGrid grid_;
  int bits_ = 64;
};

}  // namespace cohort
