// SPDX-License-Identifier: Apache-2.0
#include "algorithms/features/features_distinct.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "core/isa.hpp"
#include "core/random.hpp"

namespace cohort {
namespace {

template <class Key>
std::vector<Key> random_keys(RandomStream& random, std::size_t length, std::int64_t different) {
  std::vector<Key> keys;
  for (std::size_t i = 0; i < length; ++i) {
    const std::int64_t draw = random.below(different);
    keys.push_back(draw == 1 ? std::numeric_limits<Key>::min() : static_cast<Key>(draw - different / 2));
  }
  return keys;
}

template <class Key>
std::int32_t distinct_of_set(const std::vector<Key>& keys) {
  std::set<Key> members(keys.begin(), keys.end());
  members.erase(std::numeric_limits<Key>::min());
  return static_cast<std::int32_t>(members.size());
}

template <class Key>
void check_few_against_set() {
  RandomStream random(1, "few", 0);
  for (std::size_t length = 0; length <= few_keys; ++length) {
    for (const std::int64_t different : {1, 2, 5, 40, 1000}) {
      const auto keys = random_keys<Key>(random, length, different);
      EXPECT_EQ(distinct_of_few(std::span<const Key>(keys)), distinct_of_set(keys)) << length << " keys";
    }
  }
}

TEST(DistinctOfFew, EqualsASetAtEveryInstructionLevel) {
  for (const Isa isa : {Isa::x86_64, Isa::avx2, Isa::avx512}) {
    if (isa > host_isa()) continue;
    set_active_isa(isa);
    check_few_against_set<std::int32_t>();
    check_few_against_set<std::int64_t>();
  }
  set_active_isa(host_isa());
}

TEST(KeySet, EqualsASetThroughGrowthAndClearing) {
  RandomStream random(2, "set", 0);
  KeySet set;
  for (const std::size_t length : {0, 1, 3, 700, 5000, 200, 40000, 10}) {
    const auto keys = random_keys<std::int64_t>(random, length, 30000);
    set.clear();
    const std::span<const std::int64_t> all(keys);
    set.insert(all.first(length / 3));
    set.insert(all.subspan(length / 3));
    EXPECT_EQ(set.size(), distinct_of_set(keys)) << length << " keys";
  }
}

TEST(KeySet, StaysQuickOnKeysThatShareTheirLowBits) {
  std::vector<std::int64_t> keys;
  for (std::int64_t i = 0; i < 200'000; ++i) keys.push_back(i << 40);
  KeySet set;
  set.insert(keys);
  EXPECT_EQ(set.size(), 200'000);
}

}  // namespace
}  // namespace cohort
