// SPDX-License-Identifier: Apache-2.0
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cstdint>
#include <string_view>

// Where a customer lives: XXH3-64 of the id, then multiply-shift: shard = floor(hash * shards / 2^64). The number of
// shards belongs to the dataset, so ranks never move a customer.

namespace cohort {

namespace detail {
[[nodiscard]] inline std::int32_t shard_of_hash(std::uint64_t hash, std::int32_t shards) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::int32_t>((static_cast<Wide>(hash) * static_cast<std::uint32_t>(shards)) >> 64);
}
}  // namespace detail

/// Shard of a text id: the hash is of its UTF-8 bytes. `shards` >= 1.
[[nodiscard]] inline std::int32_t shard_of_customer(std::string_view id, std::int32_t shards) {
  return detail::shard_of_hash(XXH3_64bits(id.data(), id.size()), shards);
}

/// Shard of an integer id: the hash is of its 8 bytes, least significant first. `shards` >= 1.
[[nodiscard]] inline std::int32_t shard_of_customer(std::int64_t id, std::int32_t shards) {
  std::array<unsigned char, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(id) >> (8 * i));
  return detail::shard_of_hash(XXH3_64bits(bytes.data(), bytes.size()), shards);
}

}  // namespace cohort
