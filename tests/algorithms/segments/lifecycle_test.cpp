// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/lifecycle.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/error.hpp"

namespace cohort {
namespace {

using State = Lifecycle::State;
using Customer = std::vector<Purchase>;

/// Lives of one customer on the dates.
std::vector<Lifecycle::Life> follow(const Customer& customer, const std::vector<std::int32_t>& dates) {
  Lifecycle::Scan scan({}, dates);
  scan.start(0);
  for (const Purchase& purchase : customer) scan.add(purchase);
  scan.end();
  std::vector<Lifecycle::Life> lives;
  for (const auto& of_date : scan.lives()) lives.push_back(of_date.at(0));
  return lives;
}

State state_on(const Customer& customer, std::int32_t date) {
  return Lifecycle::state_of({}, follow(customer, {date}).front(), date);
}

TEST(Lifecycle, StatesByTheirCutOffs) {
  EXPECT_EQ(state_on({}, 1000), State::none);
  EXPECT_EQ(state_on({{1000, 1, 5}}, 1000), State::none) << "an event on the date is not before it";
  EXPECT_EQ(state_on({{970, 1, 5}}, 1000), State::fresh);
  EXPECT_EQ(state_on({{969, 1, 5}}, 1000), State::active);
  EXPECT_EQ(state_on({{910, 1, 5}}, 1000), State::active);
  EXPECT_EQ(state_on({{909, 1, 5}}, 1000), State::at_risk);
  EXPECT_EQ(state_on({{820, 1, 5}}, 1000), State::at_risk);
  EXPECT_EQ(state_on({{819, 1, 5}}, 1000), State::lapsed);
  EXPECT_EQ(state_on({{700, 1, 5}, {950, 2, 5}}, 1000), State::returned);
  EXPECT_EQ(state_on({{700, 1, 5}, {880, 2, 5}, {950, 3, 5}}, 1000), State::active) << "never gone for long enough";
}

TEST(Lifecycle, SeveralDatesInOneScanAsOneByOne) {
  const Customer customer = {{10, 1, 100}, {10, 1, 50}, {40, 2, -30}, {300, missing_int64, 7}, {500, 1, 1}};
  const std::vector<std::int32_t> dates = {10, 11, 41, 300, 301, 600};
  const auto lives = follow(customer, dates);
  for (std::size_t d = 0; d < dates.size(); ++d) {
    std::int64_t money = 0;
    std::set<std::int64_t> orders;
    for (const Purchase& purchase : customer) {
      if (purchase.day >= dates[d]) continue;
      money += purchase.money;
      if (purchase.order != missing_int64) orders.insert(purchase.order);
    }
    EXPECT_EQ(lives[d].money, money) << dates[d];
    EXPECT_EQ(lives[d].orders, std::ssize(orders)) << dates[d];
  }
}

TEST(Lifecycle, CutOffsMustRise) {
  EXPECT_THROW((Lifecycle::Params{.active_days = 180, .lapsed_days = 180}.check()), Error);
  EXPECT_NO_THROW(Lifecycle::Params{}.check());
}

}  // namespace
}  // namespace cohort
