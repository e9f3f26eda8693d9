// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/support_guard.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace cohort {
namespace {

TEST(LeastSupport, IsTheFirstThatIsNotTooMany) {
  for (std::int64_t low = 1; low < 40; ++low) {
    for (std::int64_t wanted = low + 1; wanted < 200; ++wanted)
      EXPECT_EQ(least_support(low, [&](std::int64_t count) { return count < wanted; }), wanted);
  }
}

TEST(SupportSample, StandsForNoSmallSupport) {
  EXPECT_FALSE(SupportSample::of(1));
  EXPECT_FALSE(SupportSample::of(128 * 256 - 1));
  const std::optional<SupportSample> sample = SupportSample::of(1'000'000);
  ASSERT_TRUE(sample);
  EXPECT_EQ(sample->one_in, 3906);
  EXPECT_EQ(sample->min_count, 257) << "rounded up: less than min_support in the sample is less in all rows";
}

TEST(SupportInstead, IsGivenWhereTooManyAreSurelyFrequent) {
  EXPECT_FALSE(support_instead(1000, {}, 5, 10)) << "nothing was drawn";
  std::vector<std::int64_t> counts(512);
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = 1 + static_cast<std::int64_t>(i);
  EXPECT_FALSE(support_instead(1000, counts, 513, 100)) << "none is frequent";
  EXPECT_FALSE(support_instead(1000, counts, 257, 360)) << "half are, at least 35.7 %";
  EXPECT_EQ(support_instead(1000, counts, 257, 355), 512 - 145 + 1) << "0.8 x 0.355 x 512 of them remain";
  EXPECT_EQ(support_instead(1000, std::vector<std::int64_t>(512, 99), 99, 100), 100);
}

TEST(Refusal, NamesWhatFits) {
  Explosion explosion{.things = "itemsets",
                      .rows = "baskets",
                      .limit_key = "max_itemsets",
                      .limit = 10,
                      .min_count = 5,
                      .fits = 7,
                      .total = 100};
  try {
    refuse(explosion);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::plan_refused);
    EXPECT_STREQ(error.what(), "more than 10 itemsets are in at least 5 baskets");
    EXPECT_EQ(error.next(), "set min_support to 7 (a share of 0.070000), or raise max_itemsets");
  }
  explosion.total = 0;
  explosion.one_in = 64;
  try {
    refuse(explosion);
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "more than 10 itemsets are in at least 5 baskets: so many of those frequent in one of 64 baskets are "
                 "frequent in all");
    EXPECT_EQ(error.next(), "set min_support to about 7, or raise max_itemsets");
  }
}

}  // namespace
}  // namespace cohort
