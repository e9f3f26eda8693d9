// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/folds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/gather.hpp"
#include "tests/algorithms/test_context.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort::testing {
namespace {

/// The fold of every row, on every rank; row i is a block of rank i modulo the ranks.
std::vector<std::int32_t> deal(const std::vector<FoldRow>& all, FoldRule rule, std::int64_t n_splits) {
  const TestContext test;
  const TemporaryFolder folder;
  std::vector<std::vector<FoldRow>> mine;
  const int ranks = test.comm().size();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (static_cast<int>(i) % ranks == test.comm().rank()) mine.push_back({all[i]});
  }
  std::vector<std::int32_t> sent;
  for (const auto& block : deal_folds(mine, rule, n_splits, 5, folder.path().string(), test.context())) {
    sent.insert(sent.end(), block.begin(), block.end());
  }
  std::vector<std::int32_t> folds(all.size());
  const auto received = test.comm().all_gather(to_bytes(std::span<const std::int32_t>(sent)));
  for (std::size_t rank = 0; rank < received.size(); ++rank) {
    std::vector<std::int32_t> of_rank;
    append_values(received[rank], of_rank);
    for (std::size_t i = 0; i < of_rank.size(); ++i) folds[i * received.size() + rank] = of_rank[i];
  }
  return folds;
}

std::vector<FoldRow> sample(std::size_t rows) {
  std::vector<FoldRow> result;
  for (std::size_t i = 0; i < rows; ++i) {
    result.push_back({.key = i * 7, .order = i % 10 < 3 ? 1.0 : 0.0, .used = i % 25 != 3});
  }
  return result;
}

TEST(Folds, AreOfEqualSizeAndLeaveOutWhatIsNotUsed) {
  const std::vector<FoldRow> rows = sample(103);
  const std::vector<std::int32_t> folds = deal(rows, FoldRule::kfold, 4);
  std::map<std::int32_t, int> sizes;
  for (const std::int32_t fold : folds) ++sizes[fold];
  EXPECT_EQ(sizes[not_in_folds], 4);
  for (int fold = 0; fold < 4; ++fold) EXPECT_NEAR(sizes[fold], 99 / 4.0, 1);
  EXPECT_FALSE(std::ranges::is_sorted(folds)) << "dealt out by chance";
}

TEST(Folds, StratifiedHoldTheSharesOfTheClasses) {
  const std::vector<FoldRow> rows = sample(103);
  const std::vector<std::int32_t> folds = deal(rows, FoldRule::stratified, 4);
  std::map<std::pair<std::int32_t, double>, int> sizes;
  for (std::size_t i = 0; i < rows.size(); ++i) ++sizes[{folds[i], rows[i].order}];
  for (int fold = 1; fold < 4; ++fold) {
    EXPECT_NEAR((sizes[{fold, 0.0}]), (sizes[{0, 0.0}]), 1);
    EXPECT_NEAR((sizes[{fold, 1.0}]), (sizes[{0, 1.0}]), 1);
  }
}

TEST(Folds, OfTimeFollowOneAnotherAndEqualTimesStayTogether) {
  std::vector<FoldRow> rows;
  for (std::size_t i = 0; i < 100; ++i) {
    rows.push_back({.key = i, .order = static_cast<double>(i * 37 % 100 / 3), .used = true});
  }
  const std::vector<std::int32_t> folds = deal(rows, FoldRule::time, 3);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < rows.size(); ++j) {
      if (rows[i].order == rows[j].order) {
        EXPECT_EQ(folds[i], folds[j]);
      } else if (rows[i].order < rows[j].order) {
        EXPECT_LE(folds[i], folds[j]);
      }
    }
  }
  EXPECT_EQ(std::ranges::min(folds), only_learned_from);
  EXPECT_TRUE(learns(FoldRule::time, only_learned_from, 0));
  EXPECT_FALSE(learns(FoldRule::time, 1, 1));
  EXPECT_FALSE(learns(FoldRule::kfold, not_in_folds, 1));
}

TEST(Folds, GroupsStayTogether) {
  std::vector<FoldRow> rows;
  for (std::size_t i = 0; i < 200; ++i) rows.push_back({.key = i % 20, .order = 0, .used = true});
  const std::vector<std::int32_t> folds = deal(rows, FoldRule::group, 3);
  for (std::size_t i = 20; i < rows.size(); ++i) EXPECT_EQ(folds[i], folds[i % 20]);
}

TEST(Folds, AFoldWithoutRowsIsRefused) {
  EXPECT_ANY_THROW((void)deal(sample(3), FoldRule::kfold, 4));
  EXPECT_ANY_THROW((void)deal({}, FoldRule::kfold, 2));
}

}  // namespace
}  // namespace cohort::testing
