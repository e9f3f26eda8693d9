// SPDX-License-Identifier: Apache-2.0
#include "algorithms/features/row_filter.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace cohort {
namespace {

const std::vector<std::string> channels = {"app", "shop", "web"};
const Column channel{.name = "channel", .type = ColumnType::category};
const Column price{.name = "price", .type = ColumnType::decimal, .scale = 2};
const Column quantity{.name = "quantity", .type = ColumnType::int32};

bool passes(const Column& column, const std::string& text, std::int64_t value) {
  return parse_filter("w", column, channels, text).passes(value);
}

TEST(RowFilter, Categories) {
  EXPECT_TRUE(passes(channel, "web", 2));
  EXPECT_FALSE(passes(channel, "web", 0));
  EXPECT_TRUE(passes(channel, "web|app", 0));
  EXPECT_FALSE(passes(channel, "!web|app", 2));
  EXPECT_TRUE(passes(channel, "!web|app", 1));
  EXPECT_FALSE(passes(channel, "!web", missing_int64)) << "missing never passes";
  EXPECT_THROW((void)passes(channel, "wbe", 0), Error);
}

TEST(RowFilter, NumbersAsComparisons) {
  for (std::int64_t cents = -300; cents <= 300; ++cents) {
    EXPECT_EQ(passes(price, "<1.25", cents), cents < 125);
    EXPECT_EQ(passes(price, "<=1.25", cents), cents <= 125);
    EXPECT_EQ(passes(price, ">-0.5", cents), cents > -50);
    EXPECT_EQ(passes(price, ">=2", cents), cents >= 200);
    EXPECT_EQ(passes(price, "1", cents), cents == 100);
    EXPECT_EQ(passes(price, "!1", cents), cents != 100);
    // More places than the column has: no value lies on the cut.
    EXPECT_EQ(passes(price, "<1.255", cents), cents <= 125);
    EXPECT_EQ(passes(price, ">=1.255", cents), cents > 125);
    EXPECT_FALSE(passes(price, "1.255", cents));
  }
  EXPECT_THROW((void)passes(quantity, "many", 0), Error);
  EXPECT_THROW((void)passes({.name = "x", .type = ColumnType::float64}, "1", 0), Error);
}

}  // namespace
}  // namespace cohort
