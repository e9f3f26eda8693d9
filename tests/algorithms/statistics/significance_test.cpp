// SPDX-License-Identifier: Apache-2.0
#include "algorithms/statistics/significance.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace cohort {
namespace {

TEST(NormalTail, EqualsTables) {
  EXPECT_NEAR(normal_tail(0), 0.5, 1e-15);
  EXPECT_NEAR(normal_tail(1.959963984540054), 0.025, 1e-14);
  EXPECT_NEAR(normal_tail(-1.959963984540054), 0.975, 1e-14);
  EXPECT_NEAR(normal_tail(3) / 1.3498980316300946e-3, 1, 1e-12);
  EXPECT_NEAR(normal_tail(5) / 2.866515718791939e-7, 1, 1e-12);
  EXPECT_NEAR(normal_tail(2.999999) / normal_tail(3.000001), 1.0000066, 1e-7);
}

TEST(QValues, AreBenjaminisAndHochbergs) {
  const std::vector<double> p{0.03, 0.001, 0.04, 0.5};
  const std::vector<double> q = q_values(p, 4);
  EXPECT_DOUBLE_EQ(q[1], 0.004);
  EXPECT_DOUBLE_EQ(q[0], 0.04 * 4 / 3);
  EXPECT_DOUBLE_EQ(q[2], 0.04 * 4 / 3);
  EXPECT_DOUBLE_EQ(q[3], 0.5);
  EXPECT_DOUBLE_EQ(q_values(p, 40)[1], 0.04);
  EXPECT_DOUBLE_EQ(q_values(p, 400)[3], 1);
  EXPECT_TRUE(q_values({}, 3).empty());
}

}  // namespace
}  // namespace cohort
