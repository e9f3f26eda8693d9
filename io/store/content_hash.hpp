// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace cohort {

/// XXH3-64 of `bytes`: the checksum of one chunk.
[[nodiscard]] std::uint64_t hash64(std::span<const std::byte> bytes);
[[nodiscard]] std::string hex64(std::uint64_t hash);  ///< 16 lower-case digits

/// XXH3-128 of bytes that arrive in pieces.
class ContentHash {
 public:
  ContentHash();
  void add(std::span<const std::byte> bytes);
  [[nodiscard]] std::string hex() const;  ///< 32 lower-case digits, of all bytes so far

 private:
  struct Free {
    void operator()(void* state) const noexcept;
  };
  std::unique_ptr<void, Free> state_;  ///< XXH3_state_t
};

/// XXH3-128 of `text`, 32 lower-case digits.
[[nodiscard]] std::string hash128_hex(std::string_view text);
/// XXH3-128 of a file's bytes; throws Error(input_missing, io_error).
[[nodiscard]] std::string file_hash_hex(const std::string& path);

}  // namespace cohort
