// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/context.hpp"
#include "tests/support/test_communicator.hpp"

namespace cohort::testing {

/// A context over the ranks of the test program, with a clock of its own.
class TestContext {
 public:
  explicit TestContext(int threads = 2, std::int64_t memory_per_rank = std::int64_t{1} << 33)
      : threads_(threads), memory_per_rank_(memory_per_rank) {}

  [[nodiscard]] Communicator& comm() const { return test_communicator(); }
  [[nodiscard]] Context context() const {
    return {.comm = comm(), .metrics = metrics_, .threads = threads_, .memory_per_rank = memory_per_rank_};
  }

 private:
  mutable Metrics metrics_;
  int threads_;
  std::int64_t memory_per_rank_;
};

}  // namespace cohort::testing
