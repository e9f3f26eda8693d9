// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Eight characters in one register. The first character is the lowest byte (little endian).

namespace cohort::swar {

inline constexpr std::uint64_t every_byte = 0x0101'0101'0101'0101;
inline constexpr std::uint64_t zeros = '0' * every_byte;

template <typename Word>
[[nodiscard]] inline Word load(const char* text) {
  Word word;
  std::memcpy(&word, text, sizeof word);
  return word;
}

/// The 1 to 8 characters of `text`, zero above them, without touching a byte outside.
[[nodiscard]] inline std::uint64_t load_short(std::string_view text) {
  const std::size_t size = text.size();
  const char* const first = text.data();
  if (size >= 4) {
    return load<std::uint32_t>(first) | std::uint64_t{load<std::uint32_t>(first + size - 4)} << 8 * (size - 4);
  }
  const auto byte = [&](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(first[i])} << 8 * i; };
  return byte(0) | byte(size / 2) | byte(size - 1);
}

/// Whether two texts are equal; fast for those of 8 to 24 characters.
[[nodiscard]] inline bool same(std::string_view a, std::string_view b) {
  const std::size_t size = a.size();
  if (size != b.size()) return false;
  if (size < 8 || size > 24) return a == b;
  const auto differ = [&](std::size_t at) { return load<std::uint64_t>(&a[at]) ^ load<std::uint64_t>(&b[at]); };
  return (differ(0) | differ((size - 8) / 2) | differ(size - 8)) == 0;
}

/// Moves `size` characters to the top of the word and makes digits of them: the digits 0 to 9, most significant first.
[[nodiscard]] inline std::uint64_t digits_of(std::uint64_t characters, std::size_t size) {
  return (characters ^ zeros) << 8 * (8 - size);
}

[[nodiscard]] inline bool all_digits(std::uint64_t digits) {
  return ((digits + 0x76 * every_byte) & 0x80 * every_byte) == 0 && (digits & 0x80 * every_byte) == 0;
}

/// The number that eight digits spell (three multiplications, after J. Ryan, "Fast numeric string to int").
[[nodiscard]] inline std::uint64_t value_of(std::uint64_t digits) {
  digits = digits * 10 + (digits >> 8);
  constexpr std::uint64_t pairs = 0x0000'00FF'0000'00FF;
  return ((digits & pairs) * 0x000F'4240'0000'0064 + (digits >> 16 & pairs) * 0x0000'2710'0000'0001) >> 32;
}

/// Index of the first byte of `word` that is `character`; 8 when none is.
[[nodiscard]] inline std::size_t find(std::uint64_t word, char character) {
  const std::uint64_t difference = word ^ static_cast<unsigned char>(character) * every_byte;
  const std::uint64_t zero_bytes = (difference - every_byte) & ~difference & 0x80 * every_byte;
  return static_cast<std::size_t>(std::countr_zero(zero_bytes)) / 8;
}

}  // namespace cohort::swar
