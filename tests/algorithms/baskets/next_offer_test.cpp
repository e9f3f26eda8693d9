// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/next_offer.hpp"

#include <gtest/gtest.h>

namespace cohort {
namespace {

/// 0 => 2 (0.5), 1 => 2 (0.8), 0, 1 => 3 (0.8, lower lift), => 4 (0.1), 5 => 2 (0.8, equal to the second)
RuleBook small_book() {
  RuleBook book;
  const auto add = [&](const std::vector<std::int32_t>& left, std::int32_t right, RuleCounts counts) {
    book.antecedents.add(left, counts.antecedent);
    book.consequents.push_back(right);
    book.counts.push_back(counts);
    book.q_values.push_back(0);
  };
  add({0}, 2, {100, 20, 20, 10});
  add({1}, 2, {100, 10, 20, 8});
  add({0, 1}, 3, {100, 10, 40, 8});
  add({}, 4, {100, 100, 10, 10});
  add({5}, 2, {100, 10, 20, 8});
  return book;
}

std::vector<std::pair<std::int32_t, std::int32_t>> offers_of(const NextOffer& finder,
                                                             const std::vector<std::int32_t>& held) {
  RuleMatcher::Marks marks = finder.marks();
  std::vector<std::pair<std::int32_t, std::int32_t>> found;
  for (const Offer& offer : finder.find(held, held, marks)) found.emplace_back(offer.item, offer.rule);
  return found;
}

using Found = std::vector<std::pair<std::int32_t, std::int32_t>>;

TEST(NextOffer, TakesTheBestRuleOfEachItem) {
  const RuleBook book = small_book();
  const NextOffer finder({.n_offers = 3}, book, 6);
  EXPECT_EQ(offers_of(finder, {0, 1, 5}), (Found{{2, 1}, {3, 2}, {4, 3}}));
  EXPECT_EQ(offers_of(finder, {0}), (Found{{2, 0}, {4, 3}}));
  EXPECT_EQ(offers_of(finder, {}), (Found{{4, 3}}));
  EXPECT_EQ(offers_of(NextOffer({.n_offers = 1}, book, 6), {0, 1}), (Found{{2, 1}}));
}

TEST(NextOffer, LeavesOutWhatIsHeld) {
  const RuleBook book = small_book();
  EXPECT_EQ(offers_of(NextOffer({}, book, 6), {0, 1, 2, 4}), (Found{{3, 2}}));
  const NextOffer again({.n_offers = 5, .score = "confidence", .exclude_held = false}, book, 6);
  EXPECT_EQ(offers_of(again, {0, 1, 2, 4}), (Found{{2, 1}, {3, 2}, {4, 3}}));
}

TEST(OfferBacktest, CountsHitsAgainstAsManyPopularItems) {
  OfferBacktest test(2);
  test.add(std::vector<std::int32_t>{7, 8}, std::vector<std::int32_t>{1, 2}, std::vector<std::int32_t>{2, 7}, 2);
  test.add(std::vector<std::int32_t>{9}, std::vector<std::int32_t>{1, 2}, std::vector<std::int32_t>{1, 2}, 0);
  test.add({}, std::vector<std::int32_t>{1, 2}, std::vector<std::int32_t>{1}, 0);
  EXPECT_EQ(test.customers, 3);
  EXPECT_EQ(test.new_items, 7);
  EXPECT_EQ(test.at[0].offers, 2);
  EXPECT_EQ(test.at[1].offers, 3);
  EXPECT_EQ(test.at[1].hits, 1);
  EXPECT_EQ(test.at[1].customers_hit, 1);
  EXPECT_EQ(test.at[1].popular_hits, 2);  // the second and third customer have one place and none
  EXPECT_EQ(test.at[1].difference_squares, 1);
  EXPECT_DOUBLE_EQ(test.recalls.value(2), 0.25);
  EXPECT_DOUBLE_EQ(test.recalls.value(3), 0.25 + 0.5);
}

}  // namespace
}  // namespace cohort
