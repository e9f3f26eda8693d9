// SPDX-License-Identifier: Apache-2.0
#include "io/text/fimi.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "core/error.hpp"
#include "io/durable_file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

using Baskets = std::vector<std::vector<std::int64_t>>;

Baskets read_all(const std::string& path, BasketDialect dialect, int ranks, int threads) {
  Baskets baskets;
  std::mutex mutex;
  for (int rank = 0; rank < ranks; ++rank) {
    BasketFile(path, dialect).read(rank, ranks, threads, [&](int, std::int64_t, std::span<const std::int64_t> items) {
      const std::lock_guard lock(mutex);
      baskets.emplace_back(items.begin(), items.end());
    });
  }
  std::sort(baskets.begin(), baskets.end());
  return baskets;
}

class FimiTest : public ::testing::Test {
 protected:
  std::string write(const std::string& text) {
    const std::string path = (folder_.path() / "baskets.dat").string();
    write_file(path, text);
    return path;
  }
  testing::TemporaryFolder folder_;
};

TEST_F(FimiTest, LinesAreBaskets) {
  EXPECT_EQ(read_all(write("3 1 2 \n\n7\r\n 5\t5"), BasketDialect::fimi, 1, 1), (Baskets{{}, {3, 1, 2}, {5, 5}, {7}}));
  EXPECT_TRUE(read_all(write(""), BasketDialect::fimi, 2, 2).empty());
}

TEST_F(FimiTest, SpmfSequencesAreTheirItems) {
  const std::string path = write("@CONVERTED_FROM_TEXT\n# a comment\n1 2 -1 3 -1 -2\n\n4 5\n%\n");
  EXPECT_EQ(read_all(path, BasketDialect::spmf, 1, 1), (Baskets{{1, 2, 3}, {4, 5}}));
}

TEST_F(FimiTest, EveryShareHasItsOwnLines) {
  std::string text;
  Baskets expected;
  for (std::int64_t b = 0; b < 20'000; ++b) {
    std::vector<std::int64_t>& basket = expected.emplace_back();
    for (std::int64_t i = 0; i < b % 9; ++i) basket.push_back(b * i);
    for (const std::int64_t item : basket) text += fmt::format("{} ", item);
    text += '\n';
  }
  expected.emplace_back(3000, 123456);  // longer than a share of the file
  for (int i = 0; i < 3000; ++i) text += "123456 ";
  std::sort(expected.begin(), expected.end());
  const std::string path = write(text);
  for (const int ranks : {1, 2, 3, 7, 40}) {
    for (const int threads : {1, 2}) EXPECT_EQ(read_all(path, BasketDialect::fimi, ranks, threads), expected);
  }
}

TEST_F(FimiTest, NamesTheLineOfWhatIsNoItem) {
  for (const auto& [text, place] :
       std::vector<std::pair<std::string, std::string>>{{"1 2\n3 x4 5\n", "line 2, column 3: 'x4'"},
                                                        {"1 2\n3 4\n5 6.5\n", "line 3, column 3: '6.5'"},
                                                        {"-1\n", "line 1, column 1: '-1'"},
                                                        {"99999999999999999999\n", "line 1"}}) {
    try {
      read_all(write(text), BasketDialect::fimi, 1, 2);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::bad_data);
      EXPECT_THAT(error.what(), ::testing::HasSubstr(place));
    }
  }
  EXPECT_THROW(BasketFile("nowhere.dat", BasketDialect::fimi), Error);
}

}  // namespace
}  // namespace cohort
