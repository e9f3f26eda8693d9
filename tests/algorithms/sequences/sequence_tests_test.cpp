// SPDX-License-Identifier: Apache-2.0
#include "algorithms/sequences/sequence_tests.hpp"

#include <gtest/gtest.h>

#include "algorithms/baskets/rules_measures.hpp"

namespace cohort {
namespace {

TEST(FisherP, EqualsFishersTeaTasting) {
  EXPECT_NEAR(fisher_p({8, 4, 4, 3}), 17.0 / 70, 1e-14);
  EXPECT_NEAR(fisher_p({8, 4, 4, 4}), 1.0 / 70, 1e-14);
}

/// R: phyper(59, 1000, 99000, 2000, lower.tail = FALSE); scipy.stats.hypergeom.sf gives the same.
TEST(FisherP, OfALargeTable) {
  EXPECT_NEAR(fisher_p({100000, 2000, 1000, 60}) / 1.242865359345574e-13, 1, 1e-9);
}

TEST(FisherP, IsOneWhereFewerHitsCannotBe) {
  EXPECT_EQ(fisher_p({20, 5, 5, 0}), 1);
  EXPECT_EQ(fisher_p({10, 8, 6, 4}), 1);
  EXPECT_EQ(fisher_p({0, 0, 0, 0}), 1);
}

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
