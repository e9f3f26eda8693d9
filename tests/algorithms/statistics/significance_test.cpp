// SPDX-License-Identifier: Apache-2.0
#include "algorithms/statistics/significance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
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

TEST(McNemarMidP, IsTheBinomialTailWithHalfOfItsEnd) {
  const std::vector<std::pair<int, int>> cases{{0, 1}, {3, 9}, {9, 3}, {40, 21}, {5, 5}};
  for (const auto& [first, second] : cases) {
    const int rows = first + second, least = std::min(first, second);
    double tail = 0, choices = 1;
    for (int k = 0; k <= least; ++k) {
      tail += choices * std::ldexp(k == least ? 0.5 : 1, -rows);
      choices *= static_cast<double>(rows - k) / (k + 1);
    }
    EXPECT_NEAR(mcnemar_mid_p(first, second), 2 * tail, 1e-12) << first << " and " << second;
  }
  EXPECT_EQ(mcnemar_mid_p(0, 0), 1);
}

TEST(McNemarMidP, OfManyRowsIsTheNormalTail) {
  EXPECT_NEAR(mcnemar_mid_p(500'000'000, 500'060'000) / (2 * normal_tail(60'000 / std::sqrt(1'000'060'000.0))), 1,
              1e-6);
  EXPECT_EQ(mcnemar_mid_p(0, 1'000'000), 0);
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
