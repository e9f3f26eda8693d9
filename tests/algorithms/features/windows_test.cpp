// SPDX-License-Identifier: Apache-2.0
#include "algorithms/features/windows.hpp"

#include <gtest/gtest.h>

#include <cmath>

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

TEST(Windows, Spans) {
  EXPECT_EQ(parse_span("w", "all").days, 0);
  EXPECT_EQ(parse_span("w", "90d").days, 90);
  EXPECT_EQ(parse_span("w", "7 days").days, 7);
  EXPECT_EQ(parse_span("w", "5 orders").orders, 5);
  EXPECT_EQ(parse_span("w", "1 order").orders, 1);
  for (const char* wrong : {"", "90", "d", "0d", "-3d", "90 d", "1e3d", "5orders", "9999999d", "90d "})
    EXPECT_THROW((void)parse_span("w", wrong), Error) << wrong;
}

TEST(Windows, FiltersOfCategories) {
  EXPECT_TRUE(passes(channel, "web", 2));
  EXPECT_FALSE(passes(channel, "web", 0));
  EXPECT_TRUE(passes(channel, "web|app", 0));
  EXPECT_FALSE(passes(channel, "!web|app", 2));
  EXPECT_TRUE(passes(channel, "!web|app", 1));
  EXPECT_FALSE(passes(channel, "!web", missing_int64)) << "missing never passes";
  EXPECT_THROW((void)passes(channel, "wbe", 0), Error);
}

TEST(Windows, FiltersOfNumbersAsComparisons) {
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

TEST(Windows, FiguresOfPoints) {
  // Two events on day 10, a missing value on day 12, one on day 14; cents.
  const std::vector<WindowPoint> all = {{10, true, 100}, {10, true, 300}, {12, false, 0}, {14, true, 200}};
  const std::vector<WindowPoint> some = {all[1], all[3]};
  const auto figure = [&](const char* stat, const std::vector<WindowPoint>& points) {
    return window_stat(stat, points, all, 20, 100);
  };
  EXPECT_EQ(figure("count", all), 3);
  EXPECT_EQ(figure("sum", all), 6);
  EXPECT_EQ(figure("mean", all), 2);
  EXPECT_NEAR(figure("sd", all), 1, 1e-15);
  EXPECT_EQ(figure("min", all), 1);
  EXPECT_EQ(figure("max", all), 3);
  EXPECT_EQ(figure("distinct", all), 3);
  EXPECT_EQ(figure("recency", all), 6);
  EXPECT_EQ(figure("gap", all), 2);
  EXPECT_NEAR(figure("share", some), 500.0 / 600, 1e-15);
  EXPECT_NEAR(figure("trend", all), -0.5, 1e-15) << "4 on day 10, 2 on day 14";
}

TEST(Windows, NothingToTakeAFigureOf) {
  const std::vector<WindowPoint> none, one = {{10, true, 100}}, unknown = {{10, false, 0}};
  const auto figure = [&](const char* stat, const std::vector<WindowPoint>& points) {
    return window_stat(stat, points, points, 20, 1);
  };
  for (const char* stat : {"count", "sum", "distinct"}) EXPECT_EQ(figure(stat, none), 0) << stat;
  for (const char* stat : {"mean", "sd", "min", "max", "recency", "gap", "trend", "share"})
    EXPECT_TRUE(std::isnan(figure(stat, none))) << stat;
  for (const char* stat : {"sd", "gap", "trend"}) EXPECT_TRUE(std::isnan(figure(stat, one))) << stat;
  for (const char* stat : {"mean", "min", "max"}) EXPECT_TRUE(std::isnan(figure(stat, unknown))) << stat;
}

TEST(Windows, MistakesShowWithoutATable) {
  EXPECT_NO_THROW((Window{}.check("w")));
  EXPECT_THROW((Window{.last = "90"}.check("w")), Error);
  EXPECT_THROW((Window{.stat = "mean"}.check("w")), Error);
  EXPECT_NO_THROW((Window{.stat = "mean", .per = "order"}.check("w")));
  EXPECT_THROW((Window{.stat = "distinct", .per = "order"}.check("w")), Error);
}

}  // namespace
}  // namespace cohort
