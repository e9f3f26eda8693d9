// SPDX-License-Identifier: Apache-2.0
#include "core/signals.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/threads.hpp"
#include "tests/support/test_communicator.hpp"

namespace cohort {
namespace {

TEST(Signals, OneRanksSignalStopsAllRanksAtTheNextBlock) {
  catch_stop_signals();
  Communicator& comm = testing::test_communicator();
  std::atomic<int> blocks = 0;
  try {
    collectively(comm, [&] {
      parallel_for(2, 1000, [&](int, std::int64_t) {
        ++blocks;
        if (comm.rank() == comm.size() - 1 && blocks == 1) std::raise(SIGUSR1);
      });
    });
    ADD_FAILURE() << "not stopped";
  } catch (const RankFailure& stop) {
    EXPECT_EQ(stop.code(), ExitCode::requeue);
    EXPECT_NE(stop.next().find("resume"), std::string::npos);
  }
  if (comm.rank() == comm.size() - 1) {
    EXPECT_LT(blocks, 1000);
  }
  forget_stop_signal();
  EXPECT_NO_THROW(collectively(comm, [] {}));
}

TEST(Signals, WorkThatCannotFailTogetherIsNotInterrupted) {
  catch_stop_signals();
  std::raise(SIGTERM);
  EXPECT_EQ(stop_signal(), SIGTERM);
  std::atomic<int> blocks = 0;
  EXPECT_NO_THROW(parallel_for(2, 10, [&](int, std::int64_t) { ++blocks; }));
  EXPECT_EQ(blocks, 10);
  forget_stop_signal();
}

TEST(Signals, ASecondTermEndsTheProcess) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer holds signals back until it sees fit";
#endif
  EXPECT_EXIT(
      {
        catch_stop_signals();
        std::raise(SIGTERM);
        std::raise(SIGTERM);
      },
      ::testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace cohort
