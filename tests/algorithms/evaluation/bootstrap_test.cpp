// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/bootstrap.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cohort::testing {
namespace {

TEST(Bootstrap, CountsArePoisson) {
  constexpr std::uint64_t keys = 20000;
  std::array<double, PoissonLanes::lanes> times;
  double sum = 0, squares = 0, first_two = 0;
  std::array<double, 13> share{};
  for (std::uint64_t key = 0; key < keys; ++key) {
    PoissonLanes(3, 64)(key, times);
    first_two += (times[0] - 1) * (times[1] - 1);
    for (const double n : times) {
      sum += n;
      squares += (n - 1) * (n - 1);
      share[static_cast<std::size_t>(n)] += 1;
    }
  }
  const double all = static_cast<double>(keys * times.size());
  EXPECT_NEAR(sum / all, 1, 0.005);
  EXPECT_NEAR(squares / all, 1, 0.01);
  EXPECT_NEAR(first_two / keys, 0, 0.03) << "replicates do not know of each other";
  double probability = std::exp(-1.0);
  for (std::size_t n = 0; n < 6; ++n) {
    EXPECT_NEAR(share[n] / all, probability, 0.003) << n;
    probability /= static_cast<double>(n + 1);
  }
}

TEST(Bootstrap, AKeyDrawsTheSameAgainAndOtherReplicatesOthers) {
  std::array<double, PoissonLanes::lanes> once, again, others;
  PoissonLanes(3, 0)(5, once);
  PoissonLanes(3, 0)(5, again);
  PoissonLanes(3, 32)(5, others);
  EXPECT_EQ(once, again);
  EXPECT_NE(once, others);
}

TEST(Bootstrap, PercentilesAsNumpy) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> replicates{nan};
  for (int i = 100; i >= 0; --i) replicates.push_back(i);
  EXPECT_DOUBLE_EQ(percentile_interval(replicates).low, 2.5);
  EXPECT_DOUBLE_EQ(percentile_interval(replicates).high, 97.5);
  EXPECT_EQ(percentile_interval({4}).low, 4);
  EXPECT_TRUE(std::isnan(percentile_interval({}).low));
  EXPECT_TRUE(std::isnan(percentile_interval({1, nan, nan}).high)) << "most replicates say nothing";
}

}  // namespace
}  // namespace cohort::testing
