// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/item_map.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace cohort {
namespace {

using Fate = ItemMap::Fate;
using Keys = std::vector<std::int64_t>;

const char* const tree = "item,group,top\nbread,bakery,food\nbun,bakery,food\nsoap,care,other\n7,care,other\n";
const std::vector<std::string> labels{"bread", "bun", "candle", "soap"};

std::pair<Fate, Keys> counts_as(const ItemMap& map, std::int64_t key) {
  Keys keys;
  const Fate fate = map.add(key, keys);
  return {fate, keys};
}

std::vector<std::string> texts(const ItemMap& map, const Keys& keys) {
  std::vector<std::string> found;
  for (const std::int64_t key : keys) found.push_back(map.label(key));
  return found;
}

TEST(ItemMap, FiltersByLabelAndBeginning) {
  ItemParams params;
  params.include = {"b*", "soap"};
  params.exclude = {"bun"};
  const ItemMap map(params, nullptr, labels);
  EXPECT_FALSE(map.is_plain());
  EXPECT_EQ(counts_as(map, 0), (std::pair{Fate::kept, Keys{0}}));
  EXPECT_EQ(counts_as(map, 1).first, Fate::left_out);
  EXPECT_EQ(counts_as(map, 2).first, Fate::left_out);
  EXPECT_EQ(counts_as(map, 3).first, Fate::kept);
  EXPECT_TRUE(ItemMap({}, nullptr, labels).is_plain());
}

TEST(ItemMap, OneLevelAndAllLevels) {
  const auto taxonomy = std::make_shared<const Taxonomy>("tree.csv", tree);
  ItemParams params{.taxonomy = "tree.csv", .level = "group"};
  const ItemMap group(params, taxonomy, labels);
  EXPECT_EQ(counts_as(group, 0), counts_as(group, 1));
  EXPECT_EQ(texts(group, counts_as(group, 3).second), (std::vector<std::string>{"care"}));
  EXPECT_EQ(counts_as(group, 2).first, Fate::without_category);
  EXPECT_TRUE(group.above(0).empty());
  params.level = "all";
  const ItemMap all(params, taxonomy, labels);
  EXPECT_EQ(texts(all, counts_as(all, 1).second), (std::vector<std::string>{"bun", "bakery", "food"}));
  EXPECT_EQ(texts(all, counts_as(all, 2).second), (std::vector<std::string>{"candle"}));
  EXPECT_EQ(texts(all, all.above(3)), (std::vector<std::string>{"care", "other"}));
  EXPECT_EQ(texts(all, all.above(counts_as(all, 3).second[1])), (std::vector<std::string>{"other"}));
  params.level = "shelf";
  EXPECT_THROW(ItemMap(params, taxonomy, labels), Error);
}

TEST(ItemMap, NumbersStandForThemselves) {
  const auto taxonomy = std::make_shared<const Taxonomy>("tree.csv", tree);
  const ItemMap map({.taxonomy = "tree.csv", .level = "all"}, taxonomy, {});
  EXPECT_EQ(texts(map, counts_as(map, 7).second), (std::vector<std::string>{"7", "care", "other"}));
  EXPECT_EQ(texts(map, counts_as(map, -3).second), (std::vector<std::string>{"-3"}));
}

TEST(Taxonomy, SaysWhereItIsNoTree) {
  for (const char* text : {"", "item\na\n", "item,group\na,b\na,c\n", "item,group\na,\n", "item,group\na,b,c\n",
                           "item,group,top\na,b,c\nd,b,e\n", "item,group,top\na,b,c\nd,c,e\n"})
    EXPECT_THROW(Taxonomy("tree.csv", text), Error) << text;
  const Taxonomy taxonomy("tree.csv", tree);
  EXPECT_EQ(taxonomy.levels(), (std::vector<std::string>{"group", "top"}));
  EXPECT_EQ(taxonomy.size(), 4U);
  EXPECT_TRUE(taxonomy.of_item("candle").empty());
}

}  // namespace
}  // namespace cohort
