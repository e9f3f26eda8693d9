// SPDX-License-Identifier: Apache-2.0
#include "io/text/csv_field.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace cohort {
namespace {

TEST(CsvField, QuotesWhatNeedsIt) {
  EXPECT_EQ(csv_field(""), "");
  EXPECT_EQ(csv_field("plain text"), "plain text");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"no\""), "\"say \"\"no\"\"\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
}

TEST(CsvField, AHeaderIsQuotedToo) {
  EXPECT_EQ(csv_header_line(std::vector<std::string>{"", "a,b", "c"}), ",\"a,b\",c\n");
  EXPECT_EQ(csv_header_line({}), "\n");
}

}  // namespace
}  // namespace cohort
