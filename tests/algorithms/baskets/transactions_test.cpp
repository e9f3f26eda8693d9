// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/transactions.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "tests/algorithms/baskets/basket_oracle.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort {
namespace {

TEST(MinSupport, ThePointDecides) {
  EXPECT_EQ(MinSupport::parse("1").of(500), 1);
  EXPECT_EQ(MinSupport::parse("1.0").of(500), 500);
  EXPECT_EQ(MinSupport::parse("1e-2").of(500), 5);
  EXPECT_EQ(MinSupport::parse("0.001").of(9835), 10);
  EXPECT_EQ(MinSupport::parse("0.1").of(8130), 813);
  EXPECT_EQ(MinSupport::parse("0.001").of(1), 1);
  for (const char* bad : {"0", "-3", "0.0", "1.5", "-0.1", "", "abc", "5 %", "nan", "inf"})
    EXPECT_THROW(static_cast<void>(MinSupport::parse(bad)), Error) << bad;
}

TEST(Transactions, CodesDescendByCountWithTiesByKey) {
  const testing::TestContext test;
  const Context context = test.context();
  const std::vector<testing::Basket> baskets{{30, -7, 5}, {5, 30}, {5, 1LL << 40, 5}, {-7}, {}};
  const BasketPass pass = testing::pass_over(baskets, context);
  const ItemCatalogue items = count_items(pass, MinSupport::parse("2"), context);
  EXPECT_EQ(items.keys, (std::vector<std::int64_t>{5, -7, 30}));
  EXPECT_EQ(items.counts, (std::vector<std::int64_t>{3, 2, 2}));
  EXPECT_EQ(items.rank_of, (std::vector<std::int32_t>{1, 0, 2}));
  EXPECT_EQ(items.code_of, (std::vector<std::int32_t>{1, 0, 2}));
  EXPECT_EQ(items.baskets, 5);
  EXPECT_EQ(items.empty_baskets, 1);
  EXPECT_EQ(items.repeated_items, 1);
  EXPECT_EQ(items.distinct_items, 4);
  EXPECT_EQ(items.longest_basket, 3);

  BasketSample sample{.one_in = 1, .baskets = {}};
  const Transactions mine = read_transactions(pass, items, sample, context);
  EXPECT_EQ(sample.baskets.items, mine.items) << "one in one";
  std::int64_t kept = mine.size();
  context.comm.all_reduce(std::span(&kept, 1), {});
  EXPECT_EQ(kept, 2);  // the others hold fewer than two frequent items
  for (std::int64_t b = 0; b < mine.size(); ++b) EXPECT_TRUE(std::ranges::is_sorted(mine[b]));
}

TEST(Transactions, RefusesWhatDoesNotFit) {
  const testing::TestContext test(1, 3000);
  const Context context = test.context();
  const auto baskets = testing::random_baskets(1, 1000, 8, 8);
  const BasketPass pass = testing::pass_over(baskets, context);
  const ItemCatalogue items = count_items(pass, MinSupport::parse("1"), context);
  BasketSample none;
  EXPECT_THROW(static_cast<void>(read_transactions(pass, items, none, context)), Error);
}

}  // namespace
}  // namespace cohort
