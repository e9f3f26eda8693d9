// SPDX-License-Identifier: Apache-2.0
#include "core/aggregate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "core/error.hpp"
#include "core/random.hpp"
#include "tests/support/test_communicator.hpp"

namespace cohort {
namespace {

using testing::test_communicator;

struct State {
  std::int64_t rows = 0;
  double low = std::numeric_limits<double>::infinity();
  ExactSums sum{2, 40};
  void parts(Parts& p) {
    p.sum(rows);
    p.min(std::span(&low, 1));
    p.exact(sum);
  }
};

/// The value of row `row`: a number whose plain sum would depend on the order.
double value_of(std::int64_t row) {
  RandomStream random(3, "row", static_cast<std::uint64_t>(row));
  return (random.uniform() - 0.5) * std::ldexp(1.0, static_cast<int>(random.below(30)));
}

void add_row(State& state, std::int64_t row) {
  ++state.rows;
  state.low = std::min(state.low, value_of(row));
  state.sum.add(0, value_of(row));
  state.sum.add(1, 0.1);
}

constexpr std::int64_t rows = 500;

/// Rows 0..499 dealt to `owners` of the ranks, one row a block.
State aggregated(int threads, int owners) {
  Communicator& comm = test_communicator();
  Metrics metrics;
  const Context context{.comm = comm, .metrics = metrics, .threads = threads};
  const std::int64_t mine = comm.rank() < owners ? (rows - comm.rank() + owners - 1) / owners : 0;
  return aggregate(context, mine, State{},
                   [&](int, State& state, std::int64_t block) { add_row(state, block * owners + comm.rank()); });
}

TEST(Aggregate, SameBitsForAnyThreadsAndAnyOwners) {
  State truth;
  for (std::int64_t row = 0; row < rows; ++row) add_row(truth, row);
  for (const int threads : {1, 2, 3, 8}) {
    for (int owners = 1; owners <= test_communicator().size(); ++owners) {  // the other ranks are empty
      const State state = aggregated(threads, owners);
      EXPECT_EQ(state.rows, rows);
      EXPECT_EQ(state.low, truth.low);
      for (const std::size_t i : {0U, 1U}) {
        EXPECT_EQ(std::bit_cast<std::uint64_t>(state.sum.value(i)), std::bit_cast<std::uint64_t>(truth.sum.value(i)));
      }
    }
  }
}

TEST(Aggregate, OfNothingIsTheIdentity) {
  Metrics metrics;
  const Context context{.comm = test_communicator(), .metrics = metrics, .threads = 2};
  const State state = aggregate(context, 0, State{}, [](int, State&, std::int64_t) { ADD_FAILURE(); });
  EXPECT_EQ(state.rows, 0);
  EXPECT_EQ(state.low, std::numeric_limits<double>::infinity());
  EXPECT_EQ(state.sum.value(0), 0);
}

TEST(Aggregate, AFailureInAnyBlockReachesEveryRank) {
  Communicator& comm = test_communicator();
  Metrics metrics;
  const Context context{.comm = comm, .metrics = metrics, .threads = 2};
  const int failing = comm.size() - 1;
  try {
    (void)aggregate(context, comm.rank() == 0 ? 0 : 9, State{}, [](int, State&, std::int64_t) {});
    (void)aggregate(context, 20, State{}, [&](int, State&, std::int64_t block) {
      if (comm.rank() == failing && block >= 7) throw Error(ExitCode::bad_data, fmt::format("block {}", block));
    });
    ADD_FAILURE();
  } catch (const RankFailure& failure) {
    EXPECT_EQ(failure.rank(), failing);
    EXPECT_STREQ(failure.what(), "block 7");
  }
}

TEST(Aggregate, AnOverflowIsToldOnEveryRank) {
  struct Counter {
    std::int64_t count = 0;
    void parts(Parts& p) { p.sum(count); }
  };
  Metrics metrics;
  const Context context{.comm = test_communicator(), .metrics = metrics, .threads = 1};
  const auto sum_of = [&](std::int64_t per_rank) {
    return aggregate(context, 1, Counter{}, [&](int, Counter& counter, std::int64_t) { counter.count = per_rank; })
        .count;
  };
  const std::int64_t highest = std::numeric_limits<std::int64_t>::max();
  const std::int64_t share = highest / test_communicator().size();
  EXPECT_EQ(sum_of(share), share * test_communicator().size());
  if (test_communicator().size() == 1) return;
  EXPECT_THROW((void)sum_of(highest), Error);
}

}  // namespace
}  // namespace cohort
