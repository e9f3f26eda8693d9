// SPDX-License-Identifier: Apache-2.0
#include "algorithms/sequences/timed_offer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "tests/algorithms/sequences/purchases.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

constexpr std::int32_t n_items = 4;
using Found = std::vector<std::tuple<std::int32_t, std::int32_t, double, std::int32_t>>;  ///< item, rule, score, due
using LastDays = std::map<std::int32_t, std::int64_t>;                                    ///< by item

/// One rule about one customer, purchase by purchase and day by day.
TimedOffer::Outlook outlook_by_hand(const SequenceRules::Result& rules, const SequenceRules::Rule& rule,
                                    const Purchases& purchases, std::int64_t last_day, std::int64_t elapsed) {
  const auto came_by = [&](std::int64_t gap) {
    std::int64_t came = 0;
    for (const Purchase& p : purchases) {
      const std::int64_t until_next = gap_to(purchases, p, rule.consequent, rules.within);
      if (p.item == rule.antecedent && p.time + rules.within <= last_day && until_next > 0 && until_next <= gap) ++came;
    }
    return came;
  };
  const std::int64_t bought = std::count_if(purchases.begin(), purchases.end(), [&](const Purchase& p) {
    return p.item == rule.antecedent && p.time + rules.within <= last_day;
  });
  while (elapsed % rules.gap_unit != 0) --elapsed;
  const std::int64_t came = came_by(elapsed), to_come = came_by(rules.within) - came;
  if (to_come == 0) return {};
  std::int64_t due = elapsed + 1;
  while ((due % rules.gap_unit != 0 && due < rules.within) || 2 * (came_by(due) - came) < to_come) ++due;
  return {.chance = static_cast<double>(to_come) / static_cast<double>(bought - came), .due = due};
}

/// Every offer that a customer could get, best first.
Found offers_by_hand(const NextOffer::Params& params, const SequenceRules::Result& rules, const Purchases& purchases,
                     const LastDays& bought, std::int64_t as_of) {
  Found all, best;
  for (std::size_t r = 0; r < rules.rules.size(); ++r) {
    const SequenceRules::Rule& rule = rules.rules[r];
    const auto left = bought.find(rule.antecedent), right = bought.find(rule.consequent);
    if (left == bought.end() || left->second + rules.within < as_of) continue;
    if (right != bought.end() && (params.exclude_held || right->second > left->second)) continue;
    const auto [chance, due] = outlook_by_hand(rules, rule, purchases, as_of - 1, as_of - 1 - left->second);
    if (chance == 0) continue;
    all.emplace_back(rule.consequent, static_cast<std::int32_t>(r),
                     params.score == "lift" ? chance / rule.base_rate : chance,
                     static_cast<std::int32_t>(left->second + due));
  }
  // Rules come by lift: the earlier one of two equal scores is the one of the higher lift.
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return std::get<2>(a) > std::get<2>(b); });
  for (const auto& offer : all) {
    const bool known = std::any_of(best.begin(), best.end(),
                                   [&](const auto& other) { return std::get<0>(other) == std::get<0>(offer); });
    if (!known && std::ssize(best) < params.n_offers) best.push_back(offer);
  }
  return best;
}

void compare_with_hand(std::uint64_t round, std::int64_t within, std::int64_t days, const NextOffer::Params& params) {
  const TestContext test;
  const Purchases purchases = random_purchases(round, 14, 9, n_items, days);
  const SequenceRules::Result rules =
      SequenceRules::fit({.within = within, .observed_until = days - 1}, share_of(purchases, n_items), test.context());
  const TimedOffer finder(params, rules, n_items, days);
  std::map<std::int64_t, LastDays> customers;
  for (const Purchase& p : purchases) customers[p.customer][p.item] = p.time;  // by rising time
  for (const auto& [customer, last_days] : customers) {
    std::vector<TimedOffer::LastPurchase> bought;
    for (const auto& [item, day] : last_days) bought.push_back({item, day});
    Found found;
    for (const Offer& offer : finder.find(bought)) {
      found.emplace_back(offer.item, offer.rule, offer.score, offer.due);
      EXPECT_GE(offer.due, days) << "an offer is due on a day that has passed";
    }
    EXPECT_EQ(found, offers_by_hand(params, rules, purchases, last_days, days)) << round << ", customer " << customer;
  }
}

TEST(TimedOffer, EqualsOffersByHand) {
  for (std::uint64_t round = 0; round < 60; ++round) {
    compare_with_hand(round, 1 + static_cast<std::int64_t>(round % 7), 20,
                      {.n_offers = 1 + static_cast<std::int64_t>(round % 4),
                       .score = round % 3 == 0 ? "lift" : "confidence",
                       .exclude_held = round % 2 == 0});
  }
}

TEST(TimedOffer, EqualsOffersByHandWhereGapsAreCoarse) {
  for (std::uint64_t round = 0; round < 20; ++round)
    compare_with_hand(round, 401 + static_cast<std::int64_t>(round), 900, {.exclude_held = round % 2 == 0});
}

/// Of ten purchases two are followed after one day, four after two, one after four.
SequenceRules::Result one_rule() {
  SequenceRules::Result rules{.within = 5};
  rules.rules.push_back({.antecedent = 0,
                         .consequent = 1,
                         .purchases = 10,
                         .followed = 7,
                         .base_rate = 0.1,
                         .lift = 7,
                         .followed_by = {2, 6, 6, 7, 7}});
  return rules;
}

TEST(TimedOffer, ChanceAndDueMoveWithTime) {
  const SequenceRules::Result rules = one_rule();
  const auto expect = [&](std::int64_t elapsed, double chance, std::int64_t due) {
    const TimedOffer::Outlook found = TimedOffer::outlook(rules.rules.front(), rules, elapsed);
    EXPECT_DOUBLE_EQ(found.chance, chance) << elapsed;
    EXPECT_EQ(found.due, due) << elapsed;
  };
  expect(0, 7.0 / 10, 2);
  expect(1, 5.0 / 8, 2);
  expect(2, 1.0 / 4, 4);
  expect(3, 1.0 / 4, 4);
  expect(4, 0, 0);
}

TEST(TimedOffer, WaitsForWhatHasNotComeYet) {
  const SequenceRules::Result rules = one_rule();
  const auto items = [&](const NextOffer::Params& params, const std::vector<TimedOffer::LastPurchase>& bought) {
    std::vector<std::pair<std::int32_t, std::int32_t>> found;
    for (const Offer& offer : TimedOffer(params, rules, 2, 100).find(bought)) found.emplace_back(offer.item, offer.due);
    return found;
  };
  using Items = std::vector<std::pair<std::int32_t, std::int32_t>>;
  const NextOffer::Params again{.exclude_held = false};
  EXPECT_EQ(items({}, {{0, 99}}), (Items{{1, 101}}));
  EXPECT_EQ(items({}, {{0, 96}}), (Items{{1, 100}})) << "three days have passed; the fourth is today";
  EXPECT_EQ(items({}, {{0, 95}}), Items{}) << "nobody comes on the fifth day";
  EXPECT_EQ(items({}, {{0, 94}}), Items{}) << "the window is over";
  EXPECT_EQ(items({}, {{0, 99}, {1, 50}}), Items{}) << "held";
  EXPECT_EQ(items(again, {{0, 99}, {1, 50}}), (Items{{1, 101}})) << "bought before, not since";
  EXPECT_EQ(items(again, {{0, 98}, {1, 98}}), (Items{{1, 100}})) << "bought on the same day is not after";
  EXPECT_EQ(items(again, {{0, 98}, {1, 99}}), Items{}) << "has come";
  EXPECT_EQ(items({}, {}), Items{});
  EXPECT_TRUE(TimedOffer({}, {}, 0, 100).find({}).empty()) << "no rule, no item";
}

}  // namespace
}  // namespace cohort::testing
