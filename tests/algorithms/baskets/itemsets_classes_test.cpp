// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/itemsets_classes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "tests/algorithms/baskets/basket_oracle.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort {
namespace {

/// What each rank looks at when it opens its classes: the items before the class's in each of its baskets.
std::vector<std::int64_t> work_of_ranks(const ClassPlan& plan, const Transactions& mine, std::int32_t items,
                                        Communicator& comm) {
  std::vector<std::int64_t> of_item(static_cast<std::size_t>(items), 0);
  for (std::int64_t b = 0; b < mine.size(); ++b) {
    for (std::size_t at = 0; at < mine[b].size(); ++at)
      of_item[static_cast<std::size_t>(mine[b][at])] += static_cast<std::int64_t>(at);
  }
  comm.all_reduce(of_item, {});
  std::vector<std::int64_t> work(static_cast<std::size_t>(comm.size()), 0);
  for (std::size_t g = 0; g < plan.groups.size(); ++g) {
    for (const MiningUnit& unit : plan.groups[g])
      work[g % work.size()] += of_item[static_cast<std::size_t>(unit.item)] / unit.slices;
  }
  return work;
}

TEST(ClassPlan, SharesSkewedBasketsEvenly) {
  const testing::TestContext test;
  const Context context = test.context();
  auto baskets = testing::random_baskets(1, 3000, 300, 14);
  for (auto& basket : baskets) basket.push_back(100'000);
  for (std::int64_t item = 0; item < 50'000; ++item) baskets[11].push_back(item);
  for (std::size_t b = 0; b < baskets.size(); b += 3) baskets[b].push_back(100'001);
  for (const std::int64_t min_count : {1, 2, 30}) {
    const BasketPass pass = testing::pass_over(baskets, context);
    const ItemCatalogue items = count_items(pass, {.count = min_count}, context);
    BasketSample none;
    const Transactions mine = read_transactions(pass, items, none, context);
    const ClassPlan plan = plan_classes(mine, items, ItemsetKind::frequent, context);
    const std::vector<std::int64_t> work = work_of_ranks(plan, mine, items.size(), context.comm);
    const std::int64_t total = std::accumulate(work.begin(), work.end(), std::int64_t{0});
    EXPECT_LE(*std::ranges::max_element(work) * std::ssize(work), total * 5 / 4) << "at " << min_count;
  }
}

}  // namespace
}  // namespace cohort
