// SPDX-License-Identifier: Apache-2.0
#include "core/collectively.hpp"

#include <gtest/gtest.h>

#include <new>
#include <set>
#include <stdexcept>
#include <string>

#include "core/error.hpp"
#include "tests/support/test_communicator.hpp"

namespace cohort {
namespace {

using testing::test_communicator;

struct Outcome {
  ExitCode code = ExitCode::success;
  int rank = -1;
  std::string what, next;
};

Outcome outcome_of(const std::function<void()>& local_work) {
  try {
    collectively(test_communicator(), local_work);
    return {};
  } catch (const RankFailure& failure) {
    return {failure.code(), failure.rank(), failure.what(), failure.next()};
  }
}

TEST(Collectively, EveryRankReturnsWhenNoneThrows) {
  int calls = 0;
  EXPECT_EQ(outcome_of([&] { ++calls; }).code, ExitCode::success);
  EXPECT_EQ(calls, 1);
}

TEST(Collectively, EveryRankThrowsWhatOneRankThrew) {
  Communicator& comm = test_communicator();
  for (const int failing : std::set{0, 1 % comm.size(), comm.size() - 1}) {
    const Outcome outcome = outcome_of([&] {
      if (comm.rank() == failing) throw Error(ExitCode::bad_data, "sales.csv, row 7: 'x' is no number", "mend it");
    });
    EXPECT_EQ(outcome.code, ExitCode::bad_data);
    EXPECT_EQ(outcome.rank, failing);
    EXPECT_EQ(outcome.what, "sales.csv, row 7: 'x' is no number");
    EXPECT_EQ(outcome.next, "mend it");
  }
}

TEST(Collectively, WhatTheWorkLeavesTravelsInTheSameMessage) {
  Communicator& comm = test_communicator();
  comm.enter_phase("one message");
  std::vector<std::int64_t> sums{0}, maxima{0, 0};
  const auto work = [&] {
    sums[0] = 1;
    maxima[1] = comm.rank();
  };
  collectively(comm, work, sums, maxima);
  EXPECT_EQ(sums, std::vector<std::int64_t>{comm.size()});
  EXPECT_EQ(maxima, (std::vector<std::int64_t>{0, comm.size() - 1}));
  EXPECT_EQ(comm.traffic().at("one message").total().calls, 1);
  const auto fail = [&] {
    work();
    if (comm.rank() == comm.size() - 1) throw Error(ExitCode::bad_data, "no", "");
  };
  EXPECT_THROW(collectively(comm, fail, sums, maxima), RankFailure);
}

TEST(Collectively, TheLowestOfSeveralRanksWins) {
  Communicator& comm = test_communicator();
  const int lowest = comm.size() / 2;
  const Outcome outcome = outcome_of([&] {
    if (comm.rank() >= lowest) throw Error(ExitCode::io_error, std::to_string(comm.rank()), "");
  });
  EXPECT_EQ(outcome.rank, lowest);
  EXPECT_EQ(outcome.what, std::to_string(lowest));
}

TEST(Collectively, OtherExceptionsGetAnExitCode) {
  const bool last = test_communicator().rank() == test_communicator().size() - 1;
  EXPECT_EQ(outcome_of([&] {
              if (last) throw std::runtime_error("surprise");
            }).code,
            ExitCode::unexpected);
  EXPECT_EQ(outcome_of([&] {
              if (last) throw std::bad_alloc();
            }).code,
            ExitCode::plan_refused);
  const Outcome outcome = outcome_of([&] {
    if (last) throw 42;
  });
  EXPECT_EQ(outcome.code, ExitCode::unexpected);
  EXPECT_FALSE(outcome.next.empty());
}

TEST(Collectively, EmptyLongAndOddMessagesTravelWhole) {
  const std::string long_message(100'000, 'x');
  for (const std::string& what : {std::string(), long_message, std::string("客户 é\n\t\"")}) {
    const Outcome outcome = outcome_of([&] { throw Error(ExitCode::bad_config, what, what); });
    EXPECT_EQ(outcome.code, ExitCode::bad_config);
    EXPECT_EQ(outcome.what, what);
    EXPECT_EQ(outcome.next, what);
  }
}

TEST(Collectively, TheRanksGoOnTogetherAfterAFailure) {
  for (int repeat = 0; repeat < 100; ++repeat) {
    const int failing = repeat % test_communicator().size();
    EXPECT_EQ(outcome_of([&] {
                if (test_communicator().rank() == failing) throw Error(ExitCode::bad_data, "again");
              }).rank,
              failing);
    EXPECT_EQ(outcome_of([] {}).code, ExitCode::success);
  }
}

}  // namespace
}  // namespace cohort
