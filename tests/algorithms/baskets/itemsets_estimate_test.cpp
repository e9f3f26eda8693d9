// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/itemsets_estimate.hpp"

#include <gtest/gtest.h>

#include "algorithms/baskets/itemsets.hpp"
#include "core/error.hpp"
#include "tests/algorithms/baskets/basket_oracle.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort {
namespace {

using testing::Basket;

/// Baskets with their items counted and one in so many drawn, and the estimate of a task on them.
struct Shop {
  Shop(const std::vector<Basket>& baskets, std::int64_t min_count, std::int64_t one_in)
      : drawn{.one_in = one_in, .baskets = {}},
        context(test.context()),
        pass(testing::pass_over(baskets, context)),
        items(count_items(pass, {.count = min_count}, context)),
        mine(read_transactions(pass, items, drawn, context)) {}

  std::optional<std::int64_t> estimate(std::int64_t limit, std::int64_t sample_count,
                                       ItemsetKind kind = ItemsetKind::frequent) const {
    const MiningTask task{.kind = kind, .min_count = items.min_count, .max_sets = limit};
    return support_by_sample(mine, drawn.baskets, items, task, {drawn.one_in, sample_count}, context);
  }
  std::int64_t total(const std::string& kind = "frequent") const {
    Itemsets::Params params{.min_support = std::to_string(items.min_count), .kind = kind};
    return Itemsets::mine(params, pass, context, false).total;
  }

  BasketSample drawn;
  testing::TestContext test;
  Context context;
  BasketPass pass;
  ItemCatalogue items;
  Transactions mine;
};

TEST(ItemsetsEstimate, NeverRefusesWhatFitsAndAlwaysWhatIsFarAbove) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto baskets = testing::random_baskets(seed, 2000, 14, 12);
    const Shop shop(baskets, 200, 4);
    for (const char* kind : {"frequent", "closed"}) {
      const ItemsetKind wanted = kind[0] == 'f' ? ItemsetKind::frequent : ItemsetKind::closed;
      const std::int64_t total = shop.total(kind);
      EXPECT_FALSE(shop.estimate(total, 50, wanted)) << seed;
      EXPECT_TRUE(shop.estimate(total / 4, 50, wanted)) << seed;
    }
  }
}

TEST(ItemsetsEstimate, SaysTheSameAtAnyRanks) {
  const Shop shop(testing::random_baskets(1, 4000, 14, 12), 300, 8);
  EXPECT_EQ(shop.estimate(40, 38), 737);
}

/// Ninety-five equal baskets of twelve items are too few, but a sample may hold more than its share of them.
TEST(ItemsetsEstimate, IsNotFooledByChance) {
  for (std::int64_t seed = 0; seed < 30; ++seed) {
    std::vector<Basket> baskets(1000, Basket{1, 2});
    for (std::int64_t copy = 0; copy < 95; ++copy) {
      baskets.emplace_back();
      for (std::int64_t item = 0; item < 12; ++item) baskets.back().push_back(100 * seed + item + 10);
    }
    for (std::int64_t b = 0; b < 1000; ++b) baskets.push_back({100 * seed + 10 + b % 12, 5000 + b % 7, 6000});
    const Shop shop(baskets, 100, 8);
    EXPECT_FALSE(shop.estimate(200, 13)) << seed;
  }
}

TEST(ItemsetsEstimate, KnowsNothingOfNothing) {
  EXPECT_FALSE(Shop({}, 1, 64).estimate(1, 1));
  EXPECT_FALSE(Shop({{1, 2}}, 1, 1 << 20).estimate(1, 1));
  EXPECT_FALSE(Shop({{1, 2}, {1, 2}}, 1, 1).estimate(1, 1, ItemsetKind::maximal));
}

TEST(ItemsetsEstimate, ComesBeforeMining) {
  std::vector<Basket> baskets(60'000);
  for (std::size_t b = 0; b < baskets.size(); ++b) {
    RandomStream random(1, "nearly all", b);
    for (std::int64_t item = 0; item < 20; ++item) {
      if (random.below(10) < 9) baskets[b].push_back(item);
    }
  }
  const testing::TestContext test;
  const Context context = test.context();
  Itemsets::Params params{.min_support = "36000"};
  params.max_itemsets = 1000;
  try {
    static_cast<void>(Itemsets::fit(params, testing::pass_over(baskets, context), context));
    ADD_FAILURE() << "not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::plan_refused);
    EXPECT_NE(std::string(error.what()).find("one of 140 baskets"), std::string::npos) << error.what();
  }
  params.max_itemsets = 10000;
  EXPECT_EQ(Itemsets::fit(params, testing::pass_over(baskets, context), context).total, 6195);
}

}  // namespace
}  // namespace cohort
