// SPDX-License-Identifier: Apache-2.0
#include "algorithms/group_by/key_ranges.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/random.hpp"
#include "tests/support/test_communicator.hpp"

namespace cohort::testing {
namespace {

/// The ranges ascend with the keys, and each starts with its first key.
void check(const KeyRanges& ranges, std::vector<std::vector<std::uint64_t>> keys) {
  std::ranges::sort(keys);
  std::size_t last = 0;
  for (const std::vector<std::uint64_t>& key : keys) {
    const std::size_t range = ranges.of(key.data());
    EXPECT_GE(range, last);
    EXPECT_LT(range, ranges.count());
    last = range;
  }
}

std::vector<std::vector<std::uint64_t>> keys_of(std::size_t words, std::uint64_t below) {
  RandomStream random(2, "keys", words);
  std::vector<std::vector<std::uint64_t>> keys(3000, std::vector<std::uint64_t>(words));
  for (auto& key : keys)
    for (std::uint64_t& word : key) word = static_cast<std::uint64_t>(random.below(below));
  return keys;
}

TEST(KeyRanges, EvenAndInOrder) {
  for (const std::size_t words : {1, 2}) {
    for (const std::uint64_t below : {std::uint64_t{2}, std::uint64_t{100}, std::uint64_t{1} << 62}) {
      const std::vector<std::vector<std::uint64_t>> keys = keys_of(words, below);
      std::vector<std::uint64_t> sampled;
      for (const auto& key : keys) sampled.insert(sampled.end(), key.begin(), key.end());
      const KeyRanges ranges(test_communicator(), static_cast<int>(words), sampled, 64);
      check(ranges, keys);
      std::vector<std::size_t> counts(ranges.count(), 0);
      for (const auto& key : keys) ++counts[ranges.of(key.data())];
      if (below > 100) {
        EXPECT_EQ(ranges.count(), 64);
        EXPECT_LE(*std::ranges::max_element(counts), 2 * 3000 / 64);
      }
    }
  }
}

TEST(KeyRanges, FirstAndWidth) {
  const KeyRanges ranges(test_communicator(), 1, {0, 10, 20, 30}, 4);
  ASSERT_EQ(ranges.count(), 4);
  for (std::size_t range = 0; range < 4; ++range) {
    EXPECT_EQ(ranges.first(range), 10 * range);
    EXPECT_EQ(ranges.width(range, 64), range == 3 ? 34 : 10);
    const std::uint64_t first = 10 * range, last = first + 9;
    EXPECT_EQ(ranges.of(&first), range);
    EXPECT_EQ(ranges.of(&last), range);
  }
  const std::uint64_t beyond = 63;
  EXPECT_EQ(ranges.of(&beyond), 3);
}

TEST(KeyRanges, NothingSampledIsOneRange) {
  const KeyRanges ranges(test_communicator(), 1, {}, 64);
  const std::uint64_t key = 12345;
  EXPECT_EQ(ranges.count(), 1);
  EXPECT_EQ(ranges.of(&key), 0);
  EXPECT_EQ(ranges.width(0, 99), 99);
}

}  // namespace
}  // namespace cohort::testing
