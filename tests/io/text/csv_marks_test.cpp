// SPDX-License-Identifier: Apache-2.0
#include "io/text/csv_marks.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "core/isa.hpp"

namespace cohort {
namespace {

class CsvMarksLevels : public ::testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (GetParam() > host_isa()) GTEST_SKIP() << "this machine lacks " << name_of(GetParam());
    set_active_isa(GetParam());
  }
  void TearDown() override { set_active_isa(host_isa()); }
  std::mt19937_64 random_{42};
};

TEST_P(CsvMarksLevels, EveryByteValueIsClassed) {
  std::string text;
  for (int i = 0; i < 3 * 256 + 17; ++i) text += static_cast<char>(i * 7);
  std::vector<CsvMarks> marks((text.size() + 63) / 64);
  find_marks(text, ';', marks.data());
  for (std::size_t i = 0; i < marks.size() * 64; ++i) {
    const CsvMarks& block = marks[i / 64];
    const char c = i < text.size() ? text[i] : '\0';
    EXPECT_EQ(block.quotes >> i % 64 & 1, c == '"') << i;
    EXPECT_EQ(block.delimiters >> i % 64 & 1, c == ';') << i;
    EXPECT_EQ(block.newlines >> i % 64 & 1, c == '\n' || c == '\r') << i;
    EXPECT_EQ(block.returns >> i % 64 & 1, c == '\r') << i;
  }
}

TEST_P(CsvMarksLevels, ListsEveryEndWithItsTag) {
  std::vector<CsvEnds> blocks{{0, 0}, {~std::uint64_t{0}, ~std::uint64_t{0}}, {~std::uint64_t{0}, 0}};
  for (int i = 0; i < 50; ++i) {
    const std::uint64_t ends = random_() & random_();
    blocks.push_back({ends, ends & random_()});
  }
  std::vector<std::uint32_t> wanted;
  for (std::uint32_t i = 0; i < blocks.size() * 64; ++i) {
    if ((blocks[i / 64].fields >> i % 64 & 1) == 0) continue;
    const bool record = blocks[i / 64].records >> i % 64 & 1;
    wanted.push_back((i + 128) | (record ? csv_record_end : 0));
  }
  std::vector<std::uint32_t> list(blocks.size() * 64 + 16);
  list.resize(static_cast<std::size_t>(list_ends(blocks, 128, list.data()) - list.data()));
  EXPECT_EQ(list, wanted);
}

INSTANTIATE_TEST_SUITE_P(Levels, CsvMarksLevels, ::testing::Values(Isa::x86_64, Isa::avx2, Isa::avx512));

}  // namespace
}  // namespace cohort
