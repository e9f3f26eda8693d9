// SPDX-License-Identifier: Apache-2.0
#include "algorithms/features/purchases.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "core/error.hpp"

namespace cohort {
namespace {

const std::vector<Column> columns = {{"time", ColumnType::timestamp, 0, TimeUnit::minute},
                                     {"basket", ColumnType::category},
                                     {"quantity", ColumnType::int32},
                                     {"price", ColumnType::decimal, 2}};

/// Writes down what a reader hands over.
struct Witness {
  std::string calls;
  std::vector<Purchase> purchases;
  void start(std::int64_t customer) { calls += fmt::format("start {} ", customer); }
  void add(const Purchase& purchase) {
    calls += "add ";
    purchases.push_back(purchase);
  }
  void end() { calls += "end "; }
};

struct Events {
  std::vector<std::int64_t> times;
  std::vector<std::int32_t> baskets, quantities;
  std::vector<std::int64_t> prices;
};

Witness read(const PurchaseColumns& roles, const Events& events, const std::vector<CustomerRun>& runs) {
  PurchaseReader reader(roles, columns);
  std::vector<ColumnView> views(4);
  views[0].int64s = events.times;
  views[1].int32s = events.baskets;
  views[2].int32s = events.quantities;
  views[3].int64s = events.prices;
  Witness witness;
  reader.read({.runs = runs, .columns = views}, witness);
  return witness;
}

TEST(Purchases, OfTilesThatCutACustomer) {
  const Events events{
      {missing_int64, 0, 1439, 1440}, {1, 2, 2, missing_int32}, {5, -2, missing_int32, 3}, {10, 150, 10, 7}};
  const Witness seen = read({}, events, {{7, 0, 3, true, true}, {8, 3, 3, true, true}, {9, 3, 4, true, false}});
  EXPECT_EQ(seen.calls, "start 7 add add end start 8 end start 9 add ");
  EXPECT_EQ(seen.purchases[0].money, -300) << "a return";
  EXPECT_EQ(seen.purchases[1].money, 0) << "no quantity, no money";
  EXPECT_EQ(seen.purchases[1].day, 0);
  EXPECT_EQ(seen.purchases[2].day, 1);
  EXPECT_EQ(seen.purchases[2].order, missing_int64);
}

TEST(Purchases, BeforeTheEpochAndWithoutRoles) {
  const Witness seen = read({.basket = "", .quantity = ""}, {{-1}, {1}, {4}, {25}}, {{0, 0, 1, true, true}});
  EXPECT_EQ(seen.purchases[0].day, -1);
  EXPECT_EQ(seen.purchases[0].order, -1) << "each time is an order";
  EXPECT_EQ(seen.purchases[0].money, 25) << "one each";
}

TEST(Purchases, RefuseWhatDoesNotFit) {
  constexpr std::int64_t large = std::numeric_limits<std::int64_t>::max();
  EXPECT_THROW((void)read({}, {{1}, {1}, {2}, {large}}, {{0, 0, 1, true, true}}), Error);
  EXPECT_THROW(PurchaseReader({.time = "price"}, columns), Error);
  EXPECT_THROW(PurchaseReader({.price = "nothing"}, columns), Error);
  std::int64_t sum = large;
  EXPECT_THROW(add_money(sum, 1), Error);
  EXPECT_EQ(money_value(12345, 2), 123.45);
}

}  // namespace
}  // namespace cohort
