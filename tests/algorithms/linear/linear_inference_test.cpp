// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/linear_inference.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cohort::testing {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Expected values: scipy.stats.t.sf and t.ppf.
TEST(StudentT, EqualsTheReference) {
  EXPECT_NEAR(two_sided_p(2, 1), 0.2951672353008665, 1e-15);
  EXPECT_NEAR(two_sided_p(-2, 10), 0.07338803477074033, 1e-15);
  EXPECT_NEAR(two_sided_p(5, 30), 2.32966854670078e-05, 1e-18);
  EXPECT_NEAR(two_sided_p(1.5, 50000), 0.133620716495385, 1e-11);
  EXPECT_NEAR(interval_half_width(1), 12.706204736174694, 1e-9);
  EXPECT_NEAR(interval_half_width(10), 2.2281388519862744, 1e-12);
}

TEST(StudentT, InfinitelyManyDegreesAreNormal) {
  EXPECT_NEAR(interval_half_width(infinity), 1.959963984540054, 1e-13);
  EXPECT_NEAR(two_sided_p(3, infinity), 0.0026997960632601866, 1e-17);
}

TEST(StudentT, Extremes) {
  EXPECT_EQ(two_sided_p(0, 5), 1);
  EXPECT_EQ(two_sided_p(1e300, 5), 0);
}

}  // namespace
}  // namespace cohort::testing
