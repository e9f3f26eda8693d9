// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/item_levels.hpp"

#include <gtest/gtest.h>

#include <array>

#include "core/error.hpp"
#include "tests/algorithms/baskets/basket_oracle.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort {
namespace {

/// Items 0, 3, 6, ... lie under -1 (below 12) or -2, and both under -9.
std::vector<std::int64_t> parents_of(std::int64_t key) {
  if (key == -9) return {};
  if (key < 0) return {-9};
  return {key < 12 ? -1 : -2, -9};
}

bool mixes(const testing::Basket& set) {
  return std::ranges::any_of(set, [&](std::int64_t item) {
    return std::ranges::any_of(parents_of(item),
                               [&](std::int64_t above) { return std::ranges::count(set, above) > 0; });
  });
}

TEST(ItemLevels, LeavesTheSetsWithoutAnItemAndItsCategory) {
  const testing::TestContext test;
  const Context context = test.context();
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    auto baskets = testing::random_baskets(seed, 30, 8, 5);
    for (testing::Basket& basket : baskets) {
      const testing::Basket items = basket;
      for (const std::int64_t item : items)
        for (const std::int64_t above : parents_of(item)) basket.push_back(above);
    }
    testing::CountedSets expected = testing::mine_naively(baskets, 3, "frequent");
    std::erase_if(expected, [](const auto& entry) { return mixes(entry.first); });
    Itemsets::Params params;
    params.min_support = "3";
    const Itemsets::Model model = fit_levels(params, testing::pass_over(baskets, context), context, parents_of);
    EXPECT_EQ(model.total, std::ssize(expected));
    std::array<std::int64_t, 1> found{model.found.sets.size()};
    context.comm.all_reduce(found, {});
    EXPECT_EQ(found[0], model.total);
    const ItemLevels levels(model.items, parents_of);
    for (std::int64_t s = 0; s < model.found.sets.size(); ++s) {
      testing::Basket set;
      for (const std::int32_t rank : model.found.sets[s])
        set.push_back(model.items.keys[static_cast<std::size_t>(model.items.code_of[static_cast<std::size_t>(rank)])]);
      EXPECT_EQ(expected[set], model.found.sets.counts[static_cast<std::size_t>(s)]);
      EXPECT_FALSE(levels.mixes(model.found.sets[s]));
    }
  }
}

TEST(ItemLevels, RefusesKindsThatEveryCategoryWouldUndo) {
  const testing::TestContext test;
  const Context context = test.context();
  Itemsets::Params params;
  params.kind = "closed";
  const std::vector<testing::Basket> baskets{{0, 3}};
  EXPECT_THROW(static_cast<void>(fit_levels(params, testing::pass_over(baskets, context), context, parents_of)), Error);
}

}  // namespace
}  // namespace cohort
