// SPDX-License-Identifier: Apache-2.0
#include "core/gather.hpp"

#include <gtest/gtest.h>

#include "tests/support/test_communicator.hpp"

namespace cohort::testing {
namespace {

/// Rank r has r numbers, so rank 0 has none.
std::vector<std::int64_t> numbers_of(int rank) {
  return std::vector<std::int64_t>(static_cast<std::size_t>(rank), rank * 10);
}

TEST(Gather, BringsEveryRanksBytesByRank) {
  Communicator& comm = test_communicator();
  const std::vector<std::int64_t> mine = numbers_of(comm.rank());
  const std::vector<Bytes> all = comm.all_gather(to_bytes(std::span<const std::int64_t>(mine)));
  EXPECT_EQ(std::ssize(all), comm.size());
  for (int rank = 0; rank < comm.size(); ++rank) {
    std::vector<std::int64_t> theirs;
    append_values(all[static_cast<std::size_t>(rank)], theirs);
    EXPECT_EQ(theirs, numbers_of(rank));
  }
}

TEST(Gather, BringsThemToTheFirstRankAlone) {
  Communicator& comm = test_communicator();
  const std::vector<std::int64_t> mine = numbers_of(comm.rank());
  const std::vector<Bytes> all = gather_on_first(comm, to_bytes(std::span<const std::int64_t>(mine)));
  std::vector<std::int64_t> joined, wanted;
  for (const Bytes& bytes : all) append_values(bytes, joined);
  for (int rank = 0; comm.rank() == 0 && rank < comm.size(); ++rank) {
    for (const std::int64_t number : numbers_of(rank)) wanted.push_back(number);
  }
  EXPECT_EQ(joined, wanted);
}

}  // namespace
}  // namespace cohort::testing
