// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/column_texts.hpp"

#include <gtest/gtest.h>

namespace cohort {
namespace {

TEST(PlainNumber, TakesMarksAway) {
  EXPECT_EQ(plain_number("1.234.567,89", ',', "."), "1234567.89");
  EXPECT_EQ(plain_number("1,234", '.', ","), "1234");
  EXPECT_EQ(plain_number("-12 345,5", ',', " "), "-12345.5");
  EXPECT_EQ(plain_number("1\u202f234,5", ',', "\u202f"), "1234.5");  // narrow no-break space
  EXPECT_EQ(plain_number("1'234.50", '.', "'"), "1234.50");
}

TEST(PlainNumber, LeavesWhatHasNone) {
  EXPECT_EQ(plain_number("", ',', "."), "");
  EXPECT_EQ(plain_number("123456", ',', "."), "123456");
  EXPECT_EQ(plain_number("0,5", ',', ""), "0.5");
  EXPECT_EQ(plain_number("many", '.', ","), "many");  // the parser of numbers says what is wrong
}

TEST(PlainNumber, RefusesThousandsNotInThrees) {
  for (const char* text : {"1,23", "12,34,567", "1234,567", ",123", "1,2345", "1,234,5.0", "1,23.4", "1.5,000"})
    EXPECT_EQ(plain_number(text, '.', ","), std::nullopt) << text;
}

TEST(PlainNumber, RefusesAPointThatIsNoMark) {
  EXPECT_EQ(plain_number("1.5", ',', ""), std::nullopt);
  EXPECT_EQ(plain_number("1.5", ',', " "), std::nullopt);
}

}  // namespace
}  // namespace cohort
