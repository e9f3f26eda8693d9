// SPDX-License-Identifier: Apache-2.0
#include "core/work_shares.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

struct Ranks {
  explicit Ranks(int count) {
    for (int rank = 0; rank < count; ++rank) {
      shares.push_back(std::make_unique<WorkShares>(rank, count, folder.file("notes"),
                                                    [this](const std::string& what) { told.push_back(what); }));
    }
  }
  /// Rank 0 leaves its share last, and so knows all.
  void work(const std::vector<double>& of_rank) {
    for (std::size_t rank = of_rank.size(); rank-- > 0;) shares[rank]->leave(of_rank[rank], 60);
  }

  testing::TemporaryFolder folder;
  std::vector<std::string> told;
  std::vector<std::unique_ptr<WorkShares>> shares;
};

TEST(WorkShares, TheRankTheOthersWaitForIsNamedOnce) {
  Ranks ranks(3);
  ranks.work({0.2, 0.9, 0.1});
  ranks.work({0.2, 0.9, 0.1});
  ASSERT_EQ(ranks.told.size(), 1);
  EXPECT_NE(ranks.told[0].find("rank 1 worked 90 % of the last 60 s, the 3 ranks 40 %"), std::string::npos)
      << ranks.told[0];
  ranks.work({0.9, 0.1, 0.1});
  EXPECT_EQ(ranks.told.size(), 2) << "another rank is news";
}

TEST(WorkShares, BalancedRanksAreNotSpokenOf) {
  Ranks ranks(4);
  ranks.work({0.9, 0.8, 0.95, 0.85});
  ranks.work({0, 0, 0, 0});
  EXPECT_TRUE(ranks.told.empty());
}

TEST(WorkShares, RanksThatHaveLeftNothingDoNotCount) {
  Ranks ranks(3);
  ranks.shares[0]->leave(1, 60);
  EXPECT_TRUE(ranks.told.empty());
}

TEST(WorkShares, NothingIsLeftBehind) {
  Ranks ranks(2);
  ranks.work({0.5, 0.5});
  EXPECT_TRUE(std::filesystem::exists(ranks.folder.file("notes")));
  ranks.shares.clear();
  EXPECT_FALSE(std::filesystem::exists(ranks.folder.file("notes")));
  Ranks one(1);
  one.work({1});
  EXPECT_FALSE(std::filesystem::exists(one.folder.file("notes"))) << "a rank alone has nobody to tell";
}

}  // namespace
}  // namespace cohort
