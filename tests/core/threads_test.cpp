// SPDX-License-Identifier: Apache-2.0
#include "core/threads.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace cohort {
namespace {

TEST(Threads, EveryIndexOnceForAnyNumberOfThreads) {
  for (const int threads : {1, 2, 3, 16}) {
    for (const std::int64_t count : {0, 1, 2, 15, 1000}) {
      std::vector<std::atomic<int>> visits(static_cast<std::size_t>(count));
      std::atomic<bool> worker_in_range = true;
      parallel_for(threads, count, [&](int worker, std::int64_t index) {
        ++visits[static_cast<std::size_t>(index)];
        if (worker < 0 || worker >= threads) worker_in_range = false;
      });
      for (const auto& visit : visits) EXPECT_EQ(visit, 1);
      EXPECT_TRUE(worker_in_range);
    }
  }
}

TEST(Threads, OneWorkerIsNeverInTwoCallsAtOnce) {
  constexpr int threads = 4;
  std::vector<std::atomic<int>> inside(threads);
  std::atomic<bool> overlapped = false;
  parallel_for(threads, 2000, [&](int worker, std::int64_t) {
    std::atomic<int>& mine = inside[static_cast<std::size_t>(worker)];
    if (++mine != 1) overlapped = true;
    --mine;
  });
  EXPECT_FALSE(overlapped);
}

TEST(Threads, NoWorkMeansNoCall) {
  parallel_for(4, 0, [](int, std::int64_t) { ADD_FAILURE(); });
  parallel_for(4, -1, [](int, std::int64_t) { ADD_FAILURE(); });
}

TEST(Threads, WorkStopsAfterAnError) {
  std::atomic<std::int64_t> calls = 0;
  EXPECT_THROW(parallel_for(2, 1'000'000,
                            [&](int, std::int64_t index) {
                              ++calls;
                              if (index == 10) throw std::runtime_error("index 10");
                            }),
               std::runtime_error);
  EXPECT_LT(calls, 1'000'000);
}

TEST(Threads, TheLowestErrorWinsWhicheverThreadIsFaster) {
  // Index 0 fails late and index 1 at once: which of them is reported may not depend on the race.
  std::set<std::string> messages;
  for (int repeat = 0; repeat < 2000; ++repeat) {
    try {
      parallel_for(4, 8, [](int, std::int64_t index) {
        if (index == 0) std::this_thread::yield();
        throw std::runtime_error(std::to_string(index));
      });
    } catch (const std::runtime_error& error) {
      messages.insert(error.what());
    }
  }
  EXPECT_EQ(messages, std::set<std::string>{"0"});
}

TEST(Threads, AnythingCanBeThrown) {
  EXPECT_THROW(parallel_for(2, 4, [](int, std::int64_t) { throw 42; }), int);
}

}  // namespace
}  // namespace cohort
