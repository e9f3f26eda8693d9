// SPDX-License-Identifier: Apache-2.0
#include "io/text/sequence_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/error.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SequenceTextTest : public ::testing::Test {
 protected:
  SequenceText read(const std::string& text, int part = 0, int parts = 1) {
    std::ofstream(path_, std::ios::binary) << text;
    return read_sequence_text(path_, part, parts);
  }
  void expect_error(const std::string& text, const std::string& what) {
    try {
      (void)read(text);
      ADD_FAILURE() << "no error: " << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::bad_data);
      EXPECT_THAT(error.what(), HasSubstr(what));
    }
  }
  testing::TemporaryFolder folder_;
  std::string path_ = folder_.file("a.txt");
};

TEST_F(SequenceTextTest, ReadsMarkedAndPlainLines) {
  EXPECT_THAT(read("1 2 -1 3 -1 -2\n").tokens, ElementsAre(1, 2, -1, 3, -1, -2));
  EXPECT_THAT(read("1 2 -1 3 -1 -2").tokens, ElementsAre(1, 2, -1, 3, -1, -2)) << "no line end";
  EXPECT_THAT(read("1 2 -1 3\r\n").tokens, ElementsAre(1, 2, -1, 3, -1, -2)) << "the last mark may lack";
  EXPECT_THAT(read("  7\t5 \n").tokens, ElementsAre(7, -1, 5, -1, -2)) << "an item an element";
  EXPECT_THAT(read("-2\n0 -1 -2\n").tokens, ElementsAre(-2, 0, -1, -2)) << "an empty sequence counts";
}

TEST_F(SequenceTextTest, SkipsEmptyLinesAndComments) {
  const SequenceText text = read("@ITEM=1=apple\n\n# c\n%\n   \n4 -1 -2\n");
  EXPECT_EQ(text.lines, 1);
  EXPECT_THAT(text.tokens, ElementsAre(4, -1, -2));
  EXPECT_THAT(read("").tokens, IsEmpty());
}

TEST_F(SequenceTextTest, NamesThePlaceOfWhatItCannotRead) {
  expect_error("1 -1 -2\n2 apple -1 -2\n", "line 2, column 3: 'apple'");
  expect_error("1 -1 -2 3\n", "column 9: '3' stands after the end");
  expect_error("-3\n", "column 1: '-3'");
  expect_error("99999999999999999999\n", "column 1");
  expect_error("1.5\n", "'1.5'");
}

/// Lines longer than a read, and every line to exactly one part.
TEST_F(SequenceTextTest, DealsAllLinesToItsParts) {
  std::string text, long_line;
  for (int i = 0; i < 400000; ++i) long_line += "123456 ";
  for (int line = 0; line < 5000; ++line) text += std::to_string(line) + " -1 -2\n";
  text += long_line + "\n";
  std::vector<std::int64_t> items;
  std::size_t long_items = 0;
  for (int part = 0; part < 3; ++part) {
    const SequenceText read_part = read(text, part, 3);
    EXPECT_EQ(read_part.lines, 5001);
    for (const std::int64_t token : read_part.tokens) {
      if (token >= 0 && token < 5000) items.push_back(token);
      long_items += token == 123456 ? 1 : 0;
    }
  }
  std::sort(items.begin(), items.end());
  EXPECT_EQ(items.size(), 5000u);
  EXPECT_EQ(std::unique(items.begin(), items.end()), items.end());
  EXPECT_EQ(long_items, 400000u);
}

}  // namespace
}  // namespace cohort
