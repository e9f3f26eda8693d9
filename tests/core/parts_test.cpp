// SPDX-License-Identifier: Apache-2.0
#include "core/parts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <vector>

#include "core/error.hpp"

namespace cohort {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double denormal = std::numeric_limits<double>::denorm_min();
constexpr double largest = std::numeric_limits<double>::max();
constexpr std::int64_t lowest_int = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest_int = std::numeric_limits<std::int64_t>::max();

// In order; -0.0 comes before 0.0, so that which of them wins does not depend on who is asked first.
constexpr std::array in_order{-infinity, -largest, -1.5,   -1.0, -1e-310, -denormal, -0.0,
                              0.0,       denormal, 1e-310, 1.0,  1.5,     largest,   infinity};

struct Extremes {
  double low, high;
  std::int64_t lowest, highest, count;
  void parts(Parts& p) {
    p.min(std::span(&low, 1));
    p.max(std::span(&high, 1));
    p.min(std::span(&lowest, 1));
    p.max(std::span(&highest, 1));
    p.sum(count);
  }
};

Extremes merged(std::vector<Extremes> states) {
  Parts total(Parts::Direction::pack);
  states.front().parts(total);
  for (std::size_t i = 1; i < states.size(); ++i) {
    Parts part(Parts::Direction::pack);
    states[i].parts(part);
    total.merge(part);
  }
  total.rewind();
  Extremes result{};
  result.parts(total);
  return result;
}

TEST(Parts, ExtremesOfDoublesFollowTheTotalOrder) {
  for (std::size_t i = 0; i < in_order.size(); ++i) {
    for (std::size_t j = 0; j < in_order.size(); ++j) {
      const Extremes result = merged({{in_order[i], in_order[i], 0, 0, 0}, {in_order[j], in_order[j], 0, 0, 0}});
      EXPECT_EQ(std::bit_cast<std::uint64_t>(result.low), std::bit_cast<std::uint64_t>(in_order[std::min(i, j)]));
      EXPECT_EQ(std::bit_cast<std::uint64_t>(result.high), std::bit_cast<std::uint64_t>(in_order[std::max(i, j)]));
    }
  }
}

TEST(Parts, ExtremesOfIntegersReachTheEnds) {
  const Extremes result = merged({{0, 0, 5, 5, 1}, {0, 0, lowest_int, highest_int, 2}, {0, 0, -7, -7, 4}});
  EXPECT_EQ(result.lowest, lowest_int);
  EXPECT_EQ(result.highest, highest_int);
  EXPECT_EQ(result.count, 7);
  EXPECT_EQ(merged({{0, 0, lowest_int, lowest_int, 0}, {0, 0, 3, 3, 0}}).highest, 3);
  EXPECT_EQ(merged({{0, 0, highest_int, highest_int, 0}, {0, 0, 3, 3, 0}}).lowest, 3);
}

TEST(Parts, ASumThatOverflowsIsAnErrorNeverAWrap) {
  EXPECT_EQ(merged({{0, 0, 0, 0, highest_int - 1}, {0, 0, 0, 0, 1}}).count, highest_int);
  for (const std::int64_t sign : {1, -1}) {
    try {
      (void)merged({{0, 0, 0, 0, sign * highest_int}, {0, 0, 0, 0, sign * 2}});
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::numerical);
    }
  }
}

TEST(Parts, StatesOfDifferentLengthAreADefectThatIsTold) {
  Parts one(Parts::Direction::pack), two(Parts::Direction::pack);
  std::vector<std::int64_t> values(3, 1);
  one.sum(values);
  two.sum(std::span(values).first(2));
  try {
    one.merge(two);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::internal);
  }
}

TEST(Parts, AnEmptyStateIsLegal) {
  Parts parts(Parts::Direction::pack);
  parts.sum(std::span<std::int64_t>());
  parts.max(std::span<double>());
  ExactSums none;
  parts.exact(none);
  EXPECT_TRUE(parts.sums.empty());
  EXPECT_TRUE(parts.maxima.empty());
}

TEST(Parts, MixedMembersComeBackInTheirPlaces) {
  std::int64_t count = 9;
  std::vector<std::int64_t> table{1, 2, 3};
  ExactSums sums(2, 10);
  sums.add(0, 0.1);
  sums.add(1, -7.25);
  double low = -2.5;
  const auto visit = [&](Parts& p) {
    p.sum(count);
    p.exact(sums);
    p.min(std::span(&low, 1));
    p.sum(table);
  };
  Parts parts(Parts::Direction::pack);
  visit(parts);
  const double tenth = sums.value(0);
  count = 0, table = {0, 0, 0}, sums = ExactSums(2, 10), low = 0;
  parts.rewind();
  visit(parts);
  EXPECT_EQ(count, 9);
  EXPECT_EQ(table, (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(sums.value(0), tenth);
  EXPECT_EQ(sums.value(1), -7.25);
  EXPECT_EQ(low, -2.5);
}

}  // namespace
}  // namespace cohort
