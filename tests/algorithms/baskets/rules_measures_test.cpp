// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/rules_measures.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace cohort
