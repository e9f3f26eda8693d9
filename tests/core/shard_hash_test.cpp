// SPDX-License-Identifier: Apache-2.0
#include "core/shard_hash.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace cohort {
namespace {

// Shards of an id over 2^31 - 1 shards show the 31 high bits of the hash; the known values are xxHash's own, from
// `xxhsum -H3` on the same bytes.
constexpr std::int32_t many = 2'147'483'647;

std::int32_t from_known_hash(std::uint64_t hash) {
  return static_cast<std::int32_t>((hash >> 32) * static_cast<std::uint64_t>(many) >> 32);
}

TEST(ShardHash, IsXxh3OfTheBytes) {
  EXPECT_EQ(shard_of_customer("", many), from_known_hash(0x2d06800538d394c2));
  // A shard never depends on where the text stands in memory.
  const std::string text = "x17850";
  EXPECT_EQ(shard_of_customer(std::string_view(text).substr(1), many), shard_of_customer("17850", many));
}

TEST(ShardHash, AnIntegerIsItsEightBytesLeastSignificantFirst) {
  const std::string bytes("\x01\x02\x00\x00\x00\x00\x00\x80", 8);
  EXPECT_EQ(shard_of_customer(static_cast<std::int64_t>(0x8000'0000'0000'0201), many), shard_of_customer(bytes, many));
}

TEST(ShardHash, StaysInRangeAndFillsShardsEvenly) {
  constexpr std::int32_t shards = 7;
  std::vector<int> customers(shards, 0);
  for (std::int64_t id = 0; id < 70'000; ++id) {
    const std::int32_t shard = shard_of_customer(id, shards);
    if (shard < 0 || shard >= shards) {
      ADD_FAILURE() << id;
      continue;
    }
    ++customers[static_cast<std::size_t>(shard)];
  }
  // 10,000 each with a standard deviation of 93: five of them either side.
  EXPECT_GT(*std::min_element(customers.begin(), customers.end()), 9'535);
  EXPECT_LT(*std::max_element(customers.begin(), customers.end()), 10'465);
  EXPECT_EQ(shard_of_customer("any", 1), 0);
}

}  // namespace
}  // namespace cohort
