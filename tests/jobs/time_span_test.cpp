// SPDX-License-Identifier: Apache-2.0
#include "jobs/time_span.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace cohort {
namespace {

const Column minutes{.name = "at", .type = ColumnType::timestamp, .unit = TimeUnit::minute};
const Column days{.name = "day", .type = ColumnType::date};

TEST(TimeSpan, InUnitsOfTheColumn) {
  EXPECT_EQ(span_in_units("gap", "30m", minutes), 30);
  EXPECT_EQ(span_in_units("gap", "2h", minutes), 120);
  EXPECT_EQ(span_in_units("gap", "120s", minutes), 2);
  EXPECT_EQ(span_in_units("gap", "2w", days), 14);
  EXPECT_EQ(span_in_units("gap", "48h", days), 2);
  EXPECT_EQ(day_in_units(3, minutes), 3 * 1440);
  EXPECT_EQ(day_in_units(-3, days), -3);
}

TEST(TimeSpan, RefusesOtherSpellingsAndFinerSpans) {
  for (const char* text : {"", "7", "d", "-1d", "1.5h", "7 d", "7days", "99999999999d"})
    EXPECT_THROW(static_cast<void>(span_in_units("gap", text, minutes)), Error) << text;
  EXPECT_THROW(static_cast<void>(span_in_units("gap", "30s", minutes)), Error);
  EXPECT_THROW(static_cast<void>(span_in_units("gap", "12h", days)), Error);
}

}  // namespace
}  // namespace cohort
