// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/cohorts.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/column.hpp"
#include "core/random.hpp"

namespace cohort {
namespace {

using Period = Cohorts::Period;

std::string name_of(Period period, int year, unsigned month, unsigned day) {
  return Cohorts::name(period, Cohorts::number(period, days_from_civil(year, month, day)));
}

TEST(Cohorts, PeriodsOfTheCalendar) {
  EXPECT_EQ(name_of(Period::week, 2010, 12, 12), "2010-12-06");
  EXPECT_EQ(name_of(Period::week, 2010, 12, 13), "2010-12-13");
  EXPECT_EQ(name_of(Period::week, 1969, 12, 31), "1969-12-29");
  EXPECT_EQ(name_of(Period::month, 2012, 2, 29), "2012-02");
  EXPECT_EQ(name_of(Period::quarter, 2010, 12, 31), "2010-Q4");
  EXPECT_EQ(name_of(Period::quarter, 1969, 1, 1), "1969-Q1");
  EXPECT_EQ(name_of(Period::year, 2000, 1, 1), "2000");
}

TEST(Cohorts, CountsAreThoseOfALoop) {
  constexpr std::int32_t end = 330;
  std::vector<std::vector<Purchase>> customers(1);  // the first has bought nothing
  RandomStream random(1, "cohorts_test", 0);
  for (int c = 0; c < 60; ++c) {
    std::vector<Purchase>& purchases = customers.emplace_back();
    std::int32_t day = static_cast<std::int32_t>(random.below(200));
    for (std::int64_t i = 0, n = random.below(12); i < n; ++i) {
      const std::int64_t order = random.below(9) == 0 ? missing_int64 : static_cast<std::int64_t>(random.below(4));
      purchases.push_back({day, order, static_cast<std::int64_t>(random.below(900)) - 100});
      day += static_cast<std::int32_t>(random.below(50));
    }
  }
  const auto month = [](std::int32_t day) { return Cohorts::number(Period::month, day); };
  Cohorts::Table table(month(0), month(end - 1)), wanted = table;
  Cohorts::Scan scan(Period::month, end, table);
  for (const auto& purchases : customers) {
    scan.start(0);
    for (const Purchase& purchase : purchases) scan.add(purchase);
    scan.end();

    std::set<std::int32_t> active;
    std::set<std::int64_t> orders;
    for (const Purchase& purchase : purchases) {
      if (purchase.day >= end) continue;
      const std::size_t cell = wanted.at(month(purchases.front().day), month(purchase.day));
      wanted.active[cell] += active.insert(month(purchase.day)).second ? 1 : 0;
      wanted.money[cell] += purchase.money;
      if (purchase.order == missing_int64 || !orders.insert(purchase.order).second) continue;
      ++wanted.orders[cell];
      wanted.second[cell] += orders.size() == 2 ? 1 : 0;
    }
  }
  EXPECT_EQ(table.active, wanted.active);
  EXPECT_EQ(table.orders, wanted.orders);
  EXPECT_EQ(table.money, wanted.money);
  EXPECT_EQ(table.second, wanted.second);
}

}  // namespace
}  // namespace cohort
