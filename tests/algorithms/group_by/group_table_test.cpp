// SPDX-License-Identifier: Apache-2.0
#include "algorithms/group_by/group_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/random.hpp"

namespace cohort {
namespace {

using Merge = GroupMeasures::Merge;
using Key = std::vector<std::uint64_t>;
using Groups = std::vector<std::pair<Key, std::vector<std::int64_t>>>;

Groups groups_of(const GroupTable& table, std::size_t words, std::size_t state_words, bool sorted) {
  Groups groups;
  table.each(sorted, [&](const std::uint64_t* key, const std::int64_t* state) {
    groups.emplace_back(Key(key, key + words), std::vector<std::int64_t>(state, state + state_words));
  });
  return groups;
}

/// Adds batches of random keys, each once with its number as a maximum; compares with a map.
void compare(std::size_t words, std::uint64_t below, bool dense) {
  RandomStream random(1, "keys", words);
  GroupTable table(static_cast<int>(words), {Merge::sum, Merge::maximum});
  if (dense) table.make_dense(100, below);
  std::map<Key, std::vector<std::int64_t>> expected;
  for (std::int64_t batch = 0; batch < 40; ++batch) {
    std::vector<std::uint64_t> keys;
    std::vector<std::int64_t> states;
    for (std::int64_t i = 0; i < 500; ++i) {
      Key key;
      for (std::size_t w = 0; w < words; ++w) key.push_back(100 + static_cast<std::uint64_t>(random.below(below)));
      keys.insert(keys.end(), key.begin(), key.end());
      states.insert(states.end(), {1, batch * 1000 + i});
      auto& state = expected.try_emplace(key, std::vector<std::int64_t>{0, missing_int64}).first->second;
      ++state[0];
      state[1] = std::max(state[1], batch * 1000 + i);
    }
    std::vector<std::uint32_t> places(500);
    table.find(keys, places);
    table.merge(places, states);
  }
  EXPECT_EQ(groups_of(table, words, 2, true), Groups(expected.begin(), expected.end()));
  Groups in_any_order = groups_of(table, words, 2, false);
  std::sort(in_any_order.begin(), in_any_order.end());
  EXPECT_EQ(in_any_order, Groups(expected.begin(), expected.end()));
  table.clear();
  EXPECT_TRUE(groups_of(table, words, 2, true).empty());
}

TEST(GroupTable, FewKeys) {
  compare(1, 3, false);
}
TEST(GroupTable, ManyKeys) {
  compare(1, std::uint64_t{1} << 60, false);
}
TEST(GroupTable, KeysOfThreeWords) {
  compare(3, 20, false);
}
TEST(GroupTable, DenseKeys) {
  compare(1, 5000, true);
}

TEST(GroupTable, SumsOfOneToFourWords) {
  for (const std::size_t words : {1, 2, 3, 4}) {
    GroupTable table(1, std::vector<Merge>(words, Merge::sum));
    const std::vector<std::uint64_t> keys{7, 9, 7};
    std::vector<std::int64_t> states(3 * words, 5);
    std::vector<std::uint32_t> places(3);
    table.find(keys, places);
    table.merge(places, states);
    const Groups expected{{{7}, std::vector<std::int64_t>(words, 10)}, {{9}, std::vector<std::int64_t>(words, 5)}};
    EXPECT_EQ(groups_of(table, 1, words, true), expected);
  }
}

}  // namespace
}  // namespace cohort
