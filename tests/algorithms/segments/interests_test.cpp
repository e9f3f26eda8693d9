// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/interests.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"

namespace cohort {
namespace {

/// Interests of customers whose purchases are (day, category, money); only days before 100 count.
std::vector<Interests::Interest> interests_of(const std::vector<std::vector<Purchase>>& customers) {
  Interests::Scan scan(4, 100);
  for (const auto& purchases : customers) {
    scan.start(0);
    for (const Purchase& purchase : purchases) scan.add(purchase);
    scan.end();
  }
  return scan.interests();
}

TEST(Interests, TheLargestShareOfSpend) {
  const auto found = interests_of({{{1, 2, 30}, {2, 0, 20}, {3, 2, 30}, {100, 0, 900}, {4, missing_int64, 900}}});
  EXPECT_EQ(found[0].category, 2);
  EXPECT_EQ(found[0].categories, 2);
  EXPECT_EQ(found[0].spend, 80);
  EXPECT_EQ(found[0].share(), 0.75);
}

TEST(Interests, EqualSharesAndReturns) {
  const auto found = interests_of({{{1, 3, 50}, {1, 1, 50}}, {{1, 1, 50}, {2, 1, -50}}, {{1, 0, 10}, {1, 1, -90}}, {}});
  EXPECT_EQ(found[0].category, 1) << "the first label";
  EXPECT_EQ(found[1].category, missing_int32);
  EXPECT_TRUE(std::isnan(found[1].share()));
  EXPECT_EQ(found[2].share(), 1) << "a category that was returned takes no part";
  EXPECT_EQ(found[3].spend, 0) << "nothing is left of the customer before";
}

TEST(Interests, MoneyDoesNotWrap) {
  EXPECT_THROW((void)interests_of({{{1, 0, std::numeric_limits<std::int64_t>::max()}, {1, 0, 1}}}), Error);
}

}  // namespace
}  // namespace cohort
