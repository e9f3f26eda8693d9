// SPDX-License-Identifier: Apache-2.0
#include "algorithms/statistics/score_places.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/algorithms/test_context.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort::testing {
namespace {

/// Scores of `blocks` blocks of 50, dealt to the ranks in turn, against counting.
void check(std::int64_t blocks, double (*score)(int)) {
  const TestContext test;
  const TemporaryFolder folder;
  std::vector<std::vector<double>> mine;
  std::vector<double> all;
  for (int b = 0; b < blocks; ++b) {
    std::vector<double> block;
    for (int i = 0; i < 50; ++i) block.push_back(score(b * 50 + i));
    all.insert(all.end(), block.begin(), block.end());
    if (b % test.comm().size() == test.comm().rank()) mine.push_back(block);
  }
  const auto places = places_of(mine, folder.path().string(), test.context());
  ASSERT_EQ(places.size(), mine.size());
  for (std::size_t b = 0; b < mine.size(); ++b) {
    for (std::size_t i = 0; i < mine[b].size(); ++i) {
      const auto higher = std::ranges::count_if(all, [&](double x) { return x > mine[b][i]; });
      EXPECT_EQ(places[b][i], higher + 1);
    }
  }
}

TEST(PlacesOf, CountsHigherScores) {
  check(8, [](int i) { return std::sin(i) * 1e6; });
}
TEST(PlacesOf, EqualScoresShareAPlace) {
  check(5, [](int i) { return static_cast<double>(i % 7); });
  check(3, [](int) { return -2.5; });
}
TEST(PlacesOf, OneFarOffAndOneThatHalfOfTheRowsShare) {
  check(2000, [](int i) { return i == 7 ? 1e300 : i % 2 == 0 ? 0.25 : static_cast<double>(i % 997); });
}
TEST(PlacesOf, NoScores) {
  check(0, nullptr);
}

}  // namespace
}  // namespace cohort::testing
