// SPDX-License-Identifier: Apache-2.0
#include "core/watchdog.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <thread>
#include <utility>

#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

using namespace std::chrono_literals;

struct Heard {
  std::promise<std::string> last_word;
  std::atomic<bool> gave_up = false;

  Watchdog::Settings settings(const testing::TemporaryFolder& folder, int rank, double timeout_s) {
    return {.rank = rank,
            .size = 3,
            .folder = folder.file("notes"),
            .timeout_s = timeout_s,
            .give_up =
                [this](const std::string& what) {
                  if (!gave_up.exchange(true)) last_word.set_value(what);
                },
            .tell = [](const std::string&) {}};
  }
};

TEST(Watchdog, NamesTheCallAndTheRankThatHasNotArrived) {
  const testing::TemporaryFolder folder;
  Heard first, third;
  Watchdog rank0(first.settings(folder, 0, 0.5)), rank1(Heard().settings(folder, 1, 1e6)),
      rank2(third.settings(folder, 2, 0.5));
  rank0.arrive("all_reduce", "kmeans iterations");
  rank2.arrive("all_reduce", "kmeans iterations");
  const std::string what = first.last_word.get_future().get();
  EXPECT_NE(what.find("all_reduce in kmeans iterations (call 1): rank 1 of 3 not arrived"), std::string::npos) << what;
  EXPECT_EQ(third.last_word.get_future().get(), "") << "the first rank that waits speaks for all";
}

TEST(Watchdog, AShortWaitEndsNothingAndLeavesNothing) {
  const testing::TemporaryFolder folder;
  Heard heard;
  {
    Watchdog rank0(heard.settings(folder, 0, 2));
    rank0.arrive("exchange", "ingest");
    std::this_thread::sleep_for(500ms);
    EXPECT_TRUE(std::filesystem::exists(folder.file("notes") + "/rank-0"));
    rank0.leave();
    std::this_thread::sleep_for(200ms);
    EXPECT_FALSE(std::filesystem::exists(folder.file("notes")));
  }
  EXPECT_FALSE(heard.gave_up);
}

TEST(Watchdog, TellsWhichRankTheOthersWaitFor) {
  const testing::TemporaryFolder folder;
  Heard heard;
  std::promise<std::string> told;
  Watchdog::Settings first = heard.settings(folder, 0, 60), second = heard.settings(folder, 1, 60);
  first.size = second.size = 2;
  first.compare_every_s = second.compare_every_s = 0.1;
  first.tell = [&, once = false](const std::string& what) mutable {
    if (!std::exchange(once, true)) told.set_value(what);
  };
  Watchdog rank0(first), rank1(second);
  rank0.arrive("all_reduce", "kmeans");  // rank 1 is still at work
  const std::string what = told.get_future().get();
  EXPECT_NE(what.find("imbalance: rank 1 worked 100 %"), std::string::npos) << what;
}

}  // namespace
}  // namespace cohort
