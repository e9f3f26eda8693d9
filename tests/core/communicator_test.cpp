// SPDX-License-Identifier: Apache-2.0
#include "core/communicator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "core/error.hpp"
#include "tests/support/test_communicator.hpp"

namespace cohort {
namespace {

using testing::test_communicator;
using Values = std::vector<std::int64_t>;
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

TEST(Communicator, AllReduceSumsAndMaximaInOneMessage) {
  Communicator& comm = test_communicator();
  const std::int64_t r = comm.rank(), n = comm.size();
  Values sums{1, r, -r, std::int64_t{1} << 40}, maxima{r, -r, std::numeric_limits<std::int64_t>::min(), highest};
  comm.all_reduce(sums, maxima);
  EXPECT_EQ(sums, (Values{n, n * (n - 1) / 2, -n * (n - 1) / 2, n << 40}));
  EXPECT_EQ(maxima, (Values{n - 1, 0, std::numeric_limits<std::int64_t>::min(), highest}));
}

TEST(Communicator, AllReduceOfNothingAndOfOneKind) {
  Communicator& comm = test_communicator();
  comm.all_reduce({}, {});
  Values values{comm.rank()};
  comm.all_reduce({}, values);
  EXPECT_EQ(values[0], comm.size() - 1);
  values = {1};
  comm.all_reduce(values, {});
  EXPECT_EQ(values[0], comm.size());
}

TEST(Communicator, AllReduceOfALongVector) {
  Communicator& comm = test_communicator();
  Values sums(300'001), maxima(100'003);
  std::iota(sums.begin(), sums.end(), comm.rank());
  std::iota(maxima.begin(), maxima.end(), -comm.rank());
  comm.all_reduce(sums, maxima);
  const std::int64_t n = comm.size();
  std::int64_t wrong = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    wrong += sums[i] != n * static_cast<std::int64_t>(i) + n * (n - 1) / 2 ? 1 : 0;
  }
  for (std::size_t i = 0; i < maxima.size(); ++i) wrong += maxima[i] != static_cast<std::int64_t>(i) ? 1 : 0;
  EXPECT_EQ(wrong, 0);
}

TEST(Communicator, AllReduceTellsAnOverflowOnEveryRank) {
  Communicator& comm = test_communicator();
  if (comm.size() == 1) return;
  for (const std::int64_t value : {highest, -highest}) {
    Values sums{0, comm.rank() < 2 ? value : 0};
    try {
      comm.all_reduce(sums, {});
      ADD_FAILURE() << sums[1];
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::numerical);
    }
  }
  Values exactly{comm.rank() == 0 ? highest - 1 : comm.rank() == 1 ? 1 : 0};
  comm.all_reduce(exactly, {});
  EXPECT_EQ(exactly[0], highest);
}

TEST(Communicator, ReduceScatterLeavesEachRankItsPart) {
  Communicator& comm = test_communicator();
  const auto n = static_cast<std::size_t>(comm.size());
  Values counts(n);
  for (std::size_t r = 0; r < n; ++r) counts[r] = static_cast<std::int64_t>((r * 5) % 4);  // 0, 1, 2, 3, ...
  Values values(static_cast<std::size_t>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0})));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int64_t>(i) * (comm.rank() + 1);
  const Values mine = comm.reduce_scatter(values, counts);
  const std::int64_t begin = std::accumulate(counts.begin(), counts.begin() + comm.rank(), std::int64_t{0});
  const std::int64_t ranks = comm.size(), weight = ranks * (ranks + 1) / 2;
  Values truth;
  for (std::int64_t i = begin; i < begin + counts[static_cast<std::size_t>(comm.rank())]; ++i) {
    truth.push_back(i * weight);
  }
  EXPECT_EQ(mine, truth);
}

TEST(Communicator, ReduceScatterOfNothing) {
  Communicator& comm = test_communicator();
  EXPECT_TRUE(comm.reduce_scatter({}, Values(static_cast<std::size_t>(comm.size()), 0)).empty());
}

TEST(Communicator, ReduceScatterTellsAnOverflowOnEveryRank) {
  Communicator& comm = test_communicator();
  if (comm.size() == 1) return;
  Values counts(static_cast<std::size_t>(comm.size()), 0);
  counts[0] = 1;  // only rank 0 sees the sum
  EXPECT_THROW((void)comm.reduce_scatter(Values{comm.rank() < 2 ? highest : 0}, counts), Error);
}

std::string message(int from, int to) {
  return std::string(static_cast<std::size_t>((from * 7 + to * 3) % 5 * 1000), static_cast<char>('a' + from)) +
         std::to_string(to);
}

Bytes bytes_of(const std::string& text) {
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

TEST(Communicator, ExchangeDeliversUnevenMessages) {
  Communicator& comm = test_communicator();
  std::vector<Bytes> to;
  for (int r = 0; r < comm.size(); ++r) to.push_back(bytes_of(message(comm.rank(), r)));
  const std::vector<Bytes> from = comm.exchange(std::move(to));
  EXPECT_EQ(from.size(), static_cast<std::size_t>(comm.size()));
  for (int r = 0; r < comm.size(); ++r) EXPECT_EQ(from[static_cast<std::size_t>(r)], bytes_of(message(r, comm.rank())));
}

TEST(Communicator, ExchangeOfNothingAndToOneRankOnly) {
  Communicator& comm = test_communicator();
  const auto n = static_cast<std::size_t>(comm.size());
  for (const Bytes& bytes : comm.exchange(std::vector<Bytes>(n))) EXPECT_TRUE(bytes.empty());
  std::vector<Bytes> to(n);
  to.back() = Bytes(100'000, std::byte{static_cast<unsigned char>(comm.rank())});
  const std::vector<Bytes> from = comm.exchange(std::move(to));
  const bool last = comm.rank() == comm.size() - 1;
  for (std::size_t r = 0; r < n; ++r) {
    EXPECT_EQ(from[r], last ? Bytes(100'000, std::byte{static_cast<unsigned char>(r)}) : Bytes());
  }
}

TEST(Communicator, BroadcastFromEveryRankWhateverWasThereBefore) {
  Communicator& comm = test_communicator();
  for (int root = 0; root < comm.size(); ++root) {
    for (const std::string& text : {std::string(), std::string("a\0b", 3), std::string(70'000, 'x')}) {
      std::string received = comm.rank() == root ? text : std::string(static_cast<std::size_t>(comm.rank()), '?');
      comm.broadcast(received, root);
      EXPECT_EQ(received, text);
    }
  }
}

TEST(Communicator, TrafficIsCountedUnderThePhase) {
  Communicator& comm = test_communicator();
  comm.enter_phase("counted");
  Values values(100, 1);
  comm.all_reduce(values, {});
  Values long_values(10'000, 1);
  comm.all_reduce(long_values, {});
  Bytes bytes(comm.rank() == 0 ? 50 : 0);
  comm.broadcast(bytes, 0);
  std::ignore = comm.exchange(std::vector<Bytes>(static_cast<std::size_t>(comm.size()), Bytes(3)));
  std::ignore = comm.all_gather(Bytes(7));
  comm.enter_phase("after");
  const PhaseTraffic& traffic = comm.traffic().at("counted");
  EXPECT_EQ(traffic.total().calls, 5);
  const bool alone = comm.size() == 1;
  EXPECT_EQ(traffic[Verb::all_reduce].bytes_sent, 8 * (100 + 2) + (alone ? 8 * (10'000 + 2) : 0));
  EXPECT_EQ(traffic[Verb::node_reduce].bytes_sent, alone ? 0 : 8 * 10'000);
  EXPECT_EQ(traffic[Verb::broadcast].bytes_sent, comm.rank() == 0 ? 50 : 0);
  EXPECT_EQ(traffic[Verb::exchange].bytes_sent, 3 * (comm.size() - 1));
  EXPECT_EQ(traffic[Verb::all_gather].bytes_sent, 7 * (comm.size() - 1));
  EXPECT_GE(traffic.cpu_s, 0);
}

}  // namespace
}  // namespace cohort
