// SPDX-License-Identifier: Apache-2.0
// GoogleTest's main for several ranks. All ranks run the same tests in the same order; rank 0 prints its results, the
// others print only what failed; all return the same exit code. An exception that leaves a test ends all ranks, since
// the others may wait for this one inside a collective call.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <exception>
#include <string>

#include "tests/support/test_communicator.hpp"

namespace cohort::testing {
namespace {

Communicator* ranks = nullptr;

/// Remembers the test's name when it starts: GoogleTest must not be asked for it while it hands over a result.
class FailurePrinter : public ::testing::EmptyTestEventListener {
  void OnTestStart(const ::testing::TestInfo& test) override {
    test_ = fmt::format("{}.{}", test.test_suite_name(), test.name());
  }
  void OnTestPartResult(const ::testing::TestPartResult& result) override {
    if (!result.failed()) return;
    fmt::print(stderr, "rank {}: {}: {}:{}: {}\n", ranks->rank(), test_,
               result.file_name() != nullptr ? result.file_name() : "", result.line_number(), result.message());
  }
  std::string test_;
};

void print_only_failures() {
  ::testing::TestEventListeners& listeners = ::testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(new FailurePrinter);  // GoogleTest deletes it
}

int run_tests() {
  try {
    return RUN_ALL_TESTS();
  } catch (const std::exception& error) {
    fmt::print(stderr, "rank {}: an exception left a test: {}\n", ranks->rank(), error.what());
  } catch (...) {
    fmt::print(stderr, "rank {}: something that is no std::exception left a test\n", ranks->rank());
  }
  ranks->abort(1);
}

}  // namespace

Communicator& test_communicator() {
  return *ranks;
}

}  // namespace cohort::testing

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  GTEST_FLAG_SET(shuffle, false);
  GTEST_FLAG_SET(catch_exceptions, false);
  cohort::Communicator comm;
  cohort::testing::ranks = &comm;
  if (comm.rank() != 0) cohort::testing::print_only_failures();

  std::array<std::int64_t, 1> failed_ranks{cohort::testing::run_tests() != 0 ? 1 : 0};
  comm.all_reduce(failed_ranks, {});
  if (failed_ranks[0] > 0 && comm.rank() == 0) {
    fmt::print("{} of {} ranks had failures\n", failed_ranks[0], comm.size());
  }
  return failed_ranks[0] > 0 ? 1 : 0;
}
