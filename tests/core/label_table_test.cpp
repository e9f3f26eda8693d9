// SPDX-License-Identifier: Apache-2.0
#include "core/label_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "core/random.hpp"

namespace cohort {
namespace {

TEST(LabelTable, NumbersLabelsAsTheyAreFirstMet) {
  LabelTable table;
  std::map<std::string, std::int32_t> oracle;
  for (std::uint64_t i = 0; i < 50'000; ++i) {
    RandomStream random(1, "label", i);
    const std::string label(static_cast<std::size_t>(random.below(20)), static_cast<char>('a' + random.below(4)));
    const std::string numbered = label + std::to_string(random.below(5'000));
    const auto [found, is_new] = oracle.emplace(numbered, static_cast<std::int32_t>(oracle.size()));
    EXPECT_EQ(table.number_of(numbered), found->second);
  }
  EXPECT_EQ(table.size(), static_cast<std::int32_t>(oracle.size()));
  for (const auto& [label, number] : oracle) EXPECT_EQ(table[number], label);
}

TEST(LabelTable, TakesAnyBytes) {
  LabelTable table;
  const std::string with_nul("a\0b", 3), huge(1 << 20, 'x');
  EXPECT_EQ(table.number_of(""), 0);
  EXPECT_EQ(table.number_of(with_nul), 1);
  EXPECT_EQ(table.number_of(huge), 2);
  EXPECT_EQ(table.number_of("a"), 3);
  EXPECT_EQ(table.number_of(with_nul), 1);
  EXPECT_EQ(table[2], huge);
  EXPECT_GT(table.memory_bytes(), 1 << 20);
}

}  // namespace
}  // namespace cohort
