// SPDX-License-Identifier: Apache-2.0
#include "algorithms/features/windows.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"

namespace cohort {
namespace {

TEST(Windows, Spans) {
  EXPECT_EQ(parse_span("w", "all").days, 0);
  EXPECT_EQ(parse_span("w", "90d").days, 90);
  EXPECT_EQ(parse_span("w", "7 days").days, 7);
  EXPECT_EQ(parse_span("w", "5 orders").orders, 5);
  EXPECT_EQ(parse_span("w", "1 order").orders, 1);
  for (const char* wrong : {"", "90", "d", "0d", "-3d", "90 d", "1e3d", "5orders", "9999999d", "90d "})
    EXPECT_THROW((void)parse_span("w", wrong), Error) << wrong;
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
