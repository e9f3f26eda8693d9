// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/deviance_metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

DevianceMetrics judged(double power, const std::vector<JudgedRow>& rows) {
  const TestContext test;
  return deviance_metrics(power, test.comm().rank() == 0 ? JudgedRows{rows} : JudgedRows{}, test.context());
}

/// Means, then labels.
const std::vector<JudgedRow> rows{{2, 0}, {0.5, 1}, {1, 3}, {4, 2.5}};

// Expected values: sklearn.metrics.mean_tweedie_deviance and d2_tweedie_score, scikit-learn 1.9.
TEST(Deviance, EqualsTheReference) {
  const DevianceMetrics poisson = judged(1, rows);
  EXPECT_NEAR(poisson.mean_deviance, 1.9069874867249679, 1e-14);
  EXPECT_NEAR(poisson.d2, -0.569044428094057, 1e-14);
  const DevianceMetrics tweedie = judged(1.5, rows);
  EXPECT_NEAR(tweedie.mean_deviance, 2.159154630626604, 1e-14);
  EXPECT_NEAR(tweedie.d2, -0.37380538506799943, 1e-14);
  const DevianceMetrics gamma = judged(2, {rows.begin() + 1, rows.end()});
  EXPECT_NEAR(gamma.mean_deviance, 0.868829440011787, 1e-14);
  EXPECT_NEAR(gamma.d2, -3.2776069681623783, 1e-14);
}

TEST(Deviance, WeightsCountAsRepeatedRows) {
  std::vector<JudgedRow> weighted = rows, repeated = rows;
  weighted[1].weight = 2;
  repeated.push_back(rows[1]);
  EXPECT_NEAR(judged(1.5, weighted).mean_deviance, judged(1.5, repeated).mean_deviance, 1e-15);
  EXPECT_NEAR(judged(1.5, weighted).d2, judged(1.5, repeated).d2, 1e-15);
}

TEST(Deviance, IsZeroForThePerfectAndNothingForTheImpossible) {
  EXPECT_EQ(unit_deviance(1, 3, 3), 0);
  EXPECT_NEAR(unit_deviance(1.5, 3, 3), 0, 1e-14);
  EXPECT_TRUE(std::isnan(judged(2, rows).mean_deviance));
  EXPECT_TRUE(std::isnan(judged(1, {{1, -1}}).mean_deviance));
  EXPECT_TRUE(std::isnan(judged(1, {}).mean_deviance));
  EXPECT_TRUE(std::isnan(judged(1, {{1, 2}, {3, 2}}).d2));
}

}  // namespace
}  // namespace cohort::testing
