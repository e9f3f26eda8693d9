// SPDX-License-Identifier: Apache-2.0
#include "algorithms/synthetic/synthetic_calendar.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/column.hpp"

namespace cohort {
namespace {

constexpr std::int32_t monday = days_from_civil(2024, 1, 1);

TEST(SyntheticCalendar, WithoutSeasonADayIsADay) {
  const SyntheticCalendar calendar(monday, 10, 0, 0);
  EXPECT_EQ(calendar.days(), 10);
  EXPECT_EQ(calendar.second_of(0), monday * 86'400LL + 8 * 3600);
  EXPECT_EQ(calendar.second_of(3.5), (monday + 3) * 86'400LL + 15 * 3600);
  EXPECT_EQ(calendar.second_of(std::nextafter(10, 0)), (monday + 9) * 86'400LL + 22 * 3600 - 1);
}

TEST(SyntheticCalendar, OneDayIsEnough) {
  const SyntheticCalendar calendar(-1, 1, 0.9, 0.9);
  EXPECT_EQ(floor_div(calendar.second_of(0), 86'400), -1);
  EXPECT_EQ(floor_div(calendar.second_of(std::nextafter(1, 0)), 86'400), -1);
}

constexpr std::int32_t two_years = days_from_civil(2026, 1, 1) - monday;

/// How many of equally many instants for each day fall on each day of the span; checks order and bounds.
std::vector<double> instants_of_days(const SyntheticCalendar& calendar) {
  std::vector<double> instants(two_years);
  std::int64_t before = 0;
  for (int i = 0; i < two_years * 1000; ++i) {
    const std::int64_t second = calendar.second_of(i / 1000.0);
    EXPECT_GE(second, before);
    before = second;
    ++instants.at(static_cast<std::size_t>(floor_div(second, 86'400) - monday));
  }
  return instants;
}

TEST(SyntheticCalendar, ASaturdayIsThreeMondaysAtHalfStrength) {
  const auto instants = instants_of_days(SyntheticCalendar(monday, two_years, 0.5, 0));
  for (std::size_t day = 0; day + 7 < instants.size(); day += 7) {
    EXPECT_NEAR(instants[day], 500, 10);
    EXPECT_NEAR(instants[day + 5], 1500, 10);
  }
}

TEST(SyntheticCalendar, AMonthHasItsShareAtHalfStrength) {
  const auto instants = instants_of_days(SyntheticCalendar(monday, two_years, 0, 0.5));
  const auto of_day = [&](unsigned month) {
    return instants[static_cast<std::size_t>(days_from_civil(2024, month, 15) - monday)];
  };
  EXPECT_NEAR(of_day(12) / of_day(4), 1.5, 0.01);
  EXPECT_NEAR(of_day(2) / of_day(4), 0.7, 0.01);
}

}  // namespace
}  // namespace cohort
