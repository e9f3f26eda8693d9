// SPDX-License-Identifier: Apache-2.0
#include "core/exact_sums.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "core/error.hpp"
#include "core/random.hpp"

namespace cohort {
namespace {

__extension__ using Quad = __float128;  // 113 bits: sums of our terms are exact in it

std::uint64_t bits(double x) {
  return std::bit_cast<std::uint64_t>(x);
}

void shuffle(std::vector<double>& terms, std::uint64_t item) {
  RandomStream random(11, "shuffle", item);
  for (std::size_t i = terms.size(); i > 1; --i) {
    std::swap(terms[i - 1], terms[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
  }
}

double sum_of(const std::vector<double>& terms, int bound) {
  ExactSums sums(1, bound);
  for (const double term : terms) sums.add(0, term);
  return sums.value(0);
}

/// Terms whose exponents spread over 40 powers of two around 2^`exponent`, of both signs.
std::vector<double> spread_terms(int size, int exponent) {
  RandomStream random(12, "terms", static_cast<std::uint64_t>(exponent + 2000));
  std::vector<double> terms;
  for (int i = 0; i < size; ++i) {
    terms.push_back(std::ldexp(random.uniform() - 0.5, exponent - static_cast<int>(random.below(40))));
  }
  return terms;
}

TEST(ExactSums, EqualTheQuadSumRoundedOnceInAnyOrder) {
  for (const int exponent : {0, 30, -200, 500, -900}) {
    std::vector<double> terms = spread_terms(1000, exponent);
    Quad truth = 0;
    for (const double term : terms) truth += term;  // 40 + 53 + 10 bits < 113
    const int bound = sum_bound(exponent, 1000);
    for (std::uint64_t order = 0; order < 20; ++order) {
      shuffle(terms, order);
      EXPECT_EQ(bits(sum_of(terms, bound)), bits(static_cast<double>(truth))) << exponent;
    }
  }
}

TEST(ExactSums, CancellationLeavesTheSmallTerm) {
  EXPECT_EQ(sum_of({0x1p60, 0x1p-30, -0x1p60}, 62), 0x1p-30);
  EXPECT_EQ(sum_of({1e12, 0.1, -1e12}, 42), 0.1);
}

TEST(ExactSums, ATermIsRoundedToTheNearestUnitOnce) {
  const double unit = std::ldexp(1.0, 4 - ExactSums::fraction_bits);
  EXPECT_EQ(sum_of({unit}, 4), unit);
  EXPECT_EQ(sum_of({unit * 0.49}, 4), 0);
  EXPECT_EQ(sum_of({unit * 0.51}, 4), unit);
  EXPECT_EQ(sum_of({-unit * 0.51}, 4), -unit);
}

TEST(ExactSums, EmptyZeroAndDenormalTerms) {
  EXPECT_EQ(bits(sum_of({}, 10)), bits(0.0));
  EXPECT_EQ(sum_of({0.0, -0.0}, magnitude_bound(0.0)), 0);
  const double denormal = std::numeric_limits<double>::denorm_min();
  EXPECT_EQ(sum_of({denormal, denormal, denormal}, -1000), 3 * denormal);
  ExactSums none;
  EXPECT_EQ(none.size(), 0U);
}

TEST(ExactSums, LargestAndSmallestBounds) {
  EXPECT_EQ(sum_of({0x1p1000, 0x1p950, -0x1p1000}, 1002), 0x1p950);
  EXPECT_EQ(sum_of({0x1p-500, 0x1p-550, -0x1p-500}, -498), 0x1p-550);
  EXPECT_EQ(sum_of({0x1p-2, 0x1p-60, -0x1p-2}, -1), 0x1p-60);
  EXPECT_EQ(sum_of({0.0, -0.0}, 2 * magnitude_bound(0.0)), 0);
}

TEST(ExactSums, TermsBeyondTheBoundAreRefused) {
  for (const double term : {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                            std::numeric_limits<double>::quiet_NaN(), 1025.0, -1e300}) {
    try {
      (void)sum_of({term}, 10);
      ADD_FAILURE() << term;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::numerical);
    }
  }
  EXPECT_EQ(sum_of({1023.0}, 10), 1023);
}

TEST(ExactSums, ASumThatBreaksItsBoundIsRefusedRatherThanWrapped) {
  ExactSums sums(1, 0);
  const auto add_many = [&] {
    for (int i = 0; i < (1 << 14); ++i) sums.add(0, 0.999);
    std::vector<std::int64_t> limbs(2);
    sums.store_limbs(limbs);
  };
  EXPECT_THROW(add_many(), Error);
}

TEST(ExactSums, LimbsOfPartsAddUpToTheWhole) {
  const std::vector<double> terms = spread_terms(999, 20);
  const int bound = sum_bound(20, 999);
  std::vector<std::int64_t> total(2, 0), limbs(2);
  for (std::size_t part = 0; part < 7; ++part) {
    ExactSums sums(1, bound);
    for (std::size_t i = part; i < terms.size(); i += 7) sums.add(0, terms[i]);
    sums.store_limbs(limbs);
    EXPECT_GE(limbs[0], 0);
    EXPECT_LT(limbs[0], std::int64_t{1} << ExactSums::limb_bits);
    total[0] += limbs[0];
    total[1] += limbs[1];
  }
  ExactSums merged(1, bound);
  merged.load_limbs(total);
  EXPECT_EQ(bits(merged.value(0)), bits(sum_of(terms, bound)));
}

TEST(ExactSums, EachElementHasItsOwnBound) {
  ExactSums sums({0, 600, -600});
  sums.add(0, 0.25);
  sums.add(1, 0x1p599);
  sums.add(2, -0x1p-650);
  EXPECT_EQ(sums.value(0), 0.25);
  EXPECT_EQ(sums.value(1), 0x1p599);
  EXPECT_EQ(sums.value(2), -0x1p-650);
}

TEST(ExactSums, MagnitudeBoundIsTheSmallestStrictBound) {
  for (const double x : {1.0, 0.5, 0.75, 3.0, 1e300, 1e-300, -8.0, -7.999}) {
    const int bound = magnitude_bound(x);
    EXPECT_LT(std::abs(x), std::ldexp(1.0, bound)) << x;
    EXPECT_GE(std::abs(x), std::ldexp(1.0, bound - 1)) << x;
  }
  EXPECT_LT(magnitude_bound(0), magnitude_bound(1e-300));
}

TEST(ExactSums, MagnitudeBoundOfWhatIsNotFiniteIsRefused) {
  EXPECT_THROW((void)magnitude_bound(std::numeric_limits<double>::infinity()), Error);
  EXPECT_THROW((void)magnitude_bound(std::numeric_limits<double>::quiet_NaN()), Error);
}

TEST(ExactSums, SumBoundHoldsForEveryCount) {
  for (const std::int64_t terms : {1, 2, 3, 4, 1023, 1024, 1025}) {
    EXPECT_LE(static_cast<double>(terms) * 0x1p10, std::ldexp(1.0, sum_bound(10, terms))) << terms;
  }
  EXPECT_EQ(sum_bound(10, 0), 10);
}

}  // namespace
}  // namespace cohort
