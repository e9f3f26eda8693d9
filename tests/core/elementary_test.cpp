// SPDX-License-Identifier: Apache-2.0
#include "core/elementary.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "core/random.hpp"

namespace cohort {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double denormal = std::numeric_limits<double>::denorm_min();
constexpr double promised_error = 2e-15;  // elementary.hpp

double relative_error(double ours, long double truth) {
  if (truth == 0) return ours == 0 ? 0 : infinity;
  return static_cast<double>(std::abs((static_cast<long double>(ours) - truth) / truth));
}

/// A double with any exponent from 2^low to 2^high and random digits.
double any_magnitude(RandomStream& random, int low, int high) {
  return std::ldexp(1 + random.uniform(), low + static_cast<int>(random.below(high - low)));
}

TEST(Elementary, ExpKeepsItsBound) {
  RandomStream random(1, "exp", 0);
  double worst = 0;
  for (int i = 0; i < 300'000; ++i) {
    const double x = random.uniform() * 1416 - 708;
    worst = std::max(worst, relative_error(exp(x), std::exp(static_cast<long double>(x))));
    const double near_zero = any_magnitude(random, -60, 1) * (i % 2 == 0 ? 1 : -1);
    worst = std::max(worst, relative_error(exp(near_zero), std::exp(static_cast<long double>(near_zero))));
  }
  EXPECT_LT(worst, promised_error);
}

TEST(Elementary, LogKeepsItsBound) {
  RandomStream random(2, "log", 0);
  double worst = 0;
  for (int i = 0; i < 300'000; ++i) {
    const double x = any_magnitude(random, -1074, 1023);
    worst = std::max(worst, relative_error(log(x), std::log(static_cast<long double>(x))));
    const double near_one = 1 + (random.uniform() - 0.5) * std::ldexp(1.0, -static_cast<int>(random.below(50)));
    worst = std::max(worst, relative_error(log(near_one), std::log(static_cast<long double>(near_one))));
  }
  EXPECT_LT(worst, promised_error);
}

TEST(Elementary, Log1pKeepsItsBound) {
  RandomStream random(3, "log1p", 0);
  double worst = 0;
  for (int i = 0; i < 300'000; ++i) {
    const double x = any_magnitude(random, -1060, 1000);
    worst = std::max(worst, relative_error(log1p(x), std::log1p(static_cast<long double>(x))));
    const double negative = -any_magnitude(random, -200, -1);
    worst = std::max(worst, relative_error(log1p(negative), std::log1p(static_cast<long double>(negative))));
  }
  EXPECT_LT(worst, promised_error);
}

TEST(Elementary, ExpAtTheEdges) {
  EXPECT_EQ(exp(0.0), 1);
  EXPECT_EQ(exp(-0.0), 1);
  EXPECT_EQ(exp(infinity), infinity);
  EXPECT_EQ(exp(-infinity), 0);
  EXPECT_EQ(exp(710), infinity);
  EXPECT_EQ(exp(-746), 0);
  EXPECT_TRUE(std::isnan(exp(NAN)));
  EXPECT_TRUE(std::isfinite(exp(709.78)));
  EXPECT_NEAR(exp(-745) / denormal, 1, 0.5);
  for (double x = -745; x < -708; x += 0.37) {  // results below the normal numbers: within one unit of the last place
    EXPECT_NEAR(exp(x) / denormal, static_cast<double>(std::exp(static_cast<long double>(x)) / denormal),
                1 + exp(x) / denormal * promised_error);
  }
}

TEST(Elementary, LogAtTheEdges) {
  EXPECT_EQ(log(1), 0);
  EXPECT_EQ(log(0.0), -infinity);
  EXPECT_EQ(log(-0.0), -infinity);
  EXPECT_EQ(log(infinity), infinity);
  EXPECT_TRUE(std::isnan(log(-1)));
  EXPECT_TRUE(std::isnan(log(-infinity)));
  EXPECT_TRUE(std::isnan(log(NAN)));
  EXPECT_LT(relative_error(log(denormal), std::log(static_cast<long double>(denormal))), promised_error);
}

TEST(Elementary, Log1pAtTheEdges) {
  EXPECT_EQ(log1p(0.0), 0);
  EXPECT_TRUE(std::signbit(log1p(-0.0)));
  EXPECT_EQ(log1p(denormal), denormal);
  EXPECT_EQ(log1p(-1), -infinity);
  EXPECT_EQ(log1p(infinity), infinity);
  EXPECT_TRUE(std::isnan(log1p(-1.5)));
  EXPECT_TRUE(std::isnan(log1p(NAN)));
  const double largest = std::numeric_limits<double>::max();
  EXPECT_LT(relative_error(log1p(largest), std::log1p(static_cast<long double>(largest))), promised_error);
  const double above_minus_one = -1 + 0x1p-53;
  EXPECT_LT(relative_error(log1p(above_minus_one), std::log1p(static_cast<long double>(above_minus_one))),
            promised_error);
}

TEST(Elementary, SameBitsOnEveryBuild) {
  // A digest of the bits of many results, recorded once: a compiler or flag that changes any of them is found here.
  RandomStream random(4, "bits", 0);
  std::uint64_t bits = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double x = random.uniform() * 20 - 10;
    for (const double y : {exp(x), log(std::abs(x)), log1p(std::abs(x))}) {
      bits = bits * 31 + std::bit_cast<std::uint64_t>(y);
    }
  }
  EXPECT_EQ(bits, 15'864'984'712'260'555'942U);
}

}  // namespace
}  // namespace cohort
