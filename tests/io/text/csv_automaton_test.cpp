// SPDX-License-Identifier: Apache-2.0
#include "io/text/csv_automaton.hpp"

#include <gtest/gtest.h>

#include "core/isa.hpp"
#include "tests/io/text/csv_oracle.hpp"

namespace cohort {
namespace {

CsvTransition scan_naively(std::string_view text) {
  CsvTransition transition;
  for (CsvTransition::Path& path : transition.paths) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool newline = text[i] == '\n' || text[i] == '\r';
      if (path.exit == CsvState::record_start && !newline) {
        if (path.records++ == 0) path.first_record = static_cast<std::int64_t>(i);
        path.last_record = static_cast<std::int64_t>(i);
      }
      path.exit = step(path.exit, text[i], ',');
    }
  }
  transition.bytes = static_cast<std::int64_t>(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool second_half = text[i] == '\n' && i > 0 && text[i - 1] == '\r';
    transition.newlines += (text[i] == '\n' || text[i] == '\r') && !second_half ? 1 : 0;
  }
  transition.starts_with_feed = text.starts_with('\n');
  transition.ends_with_return = text.ends_with('\r');
  return transition;
}

void expect_equal(const CsvTransition& found, const CsvTransition& wanted, std::string_view text) {
  for (std::size_t i = 0; i < csv_states; ++i) {
    EXPECT_EQ(found.paths[i].exit, wanted.paths[i].exit) << i << text;
    EXPECT_EQ(found.paths[i].records, wanted.paths[i].records) << i << text;
    EXPECT_EQ(found.paths[i].first_record, wanted.paths[i].first_record) << i << text;
    EXPECT_EQ(found.paths[i].last_record, wanted.paths[i].last_record) << i << text;
  }
  EXPECT_EQ(found.bytes, wanted.bytes) << text;
  EXPECT_EQ(found.newlines, wanted.newlines) << text;
  EXPECT_EQ(found.starts_with_feed, wanted.starts_with_feed) << text;
  EXPECT_EQ(found.ends_with_return, wanted.ends_with_return) << text;
}

class CsvAutomaton : public ::testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (GetParam() > host_isa()) GTEST_SKIP() << "this machine lacks " << name_of(GetParam());
    set_active_isa(GetParam());
  }
  void TearDown() override { set_active_isa(host_isa()); }
  std::mt19937 random_{42};
};

TEST_P(CsvAutomaton, ScanEqualsTheSerialAutomaton) {
  for (int i = 0; i < 3000; ++i) {
    const std::string text = testing::dirty_text(random_, 300);
    expect_equal(scan(text, ','), scan_naively(text), text);
  }
}

TEST_P(CsvAutomaton, ScanOfTwoHalvesComposes) {
  for (int i = 0; i < 3000; ++i) {
    const std::string text = testing::dirty_text(random_, 200);
    const std::size_t middle = random_() % (text.size() + 1);
    const std::string_view view(text);
    expect_equal(compose(scan(view.substr(0, middle), ','), scan(view.substr(middle), ',')), scan_naively(text), text);
  }
}

TEST_P(CsvAutomaton, LongTextCrossesWindows) {
  std::string text;
  while (text.size() < 100'000) text += testing::dirty_text(random_, 60) + std::string(random_() % 200, 'x');
  expect_equal(scan(text, ','), scan_naively(text), "");
}

TEST_P(CsvAutomaton, FindsTheEndOfARecord) {
  for (int i = 0; i < 2000; ++i) {
    const std::string text = testing::dirty_text(random_, 200);
    const auto entry = static_cast<CsvState>(random_() % csv_states);
    std::size_t end = 0;
    CsvState state = entry;
    while (end < text.size() && (state = step(state, text[end], ',')) != CsvState::record_start) ++end;
    EXPECT_EQ(find_record_end(text, entry, ','), end < text.size() ? end : std::string_view::npos) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, CsvAutomaton, ::testing::Values(Isa::x86_64, Isa::avx2, Isa::avx512));

TEST(CsvTransition, IdentityIsNeutral) {
  const std::string text = "a,\"b\r\n\"\r";
  const CsvTransition transition = scan(text, ',');
  expect_equal(compose(CsvTransition(), transition), transition, text);
  expect_equal(compose(transition, CsvTransition()), transition, text);
  expect_equal(scan("", ','), CsvTransition(), "");
}

TEST(CsvTransition, ComposesAssociatively) {
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    const std::string texts[] = {testing::dirty_text(random, 9), testing::dirty_text(random, 9),
                                 testing::dirty_text(random, 9)};
    const CsvTransition a = scan(texts[0], ','), b = scan(texts[1], ','), c = scan(texts[2], ',');
    expect_equal(compose(compose(a, b), c), compose(a, compose(b, c)), texts[0] + "|" + texts[1] + "|" + texts[2]);
  }
}

TEST(CountNewlines, CrlfIsOne) {
  EXPECT_EQ(count_newlines(""), 0);
  EXPECT_EQ(count_newlines("\r\n\n\r\r\nx"), 4);
  EXPECT_EQ(count_newlines("\n", true), 0);
  EXPECT_EQ(count_newlines("\n\n", true), 1);
}

}  // namespace
}  // namespace cohort
