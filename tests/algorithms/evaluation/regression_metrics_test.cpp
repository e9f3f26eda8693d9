// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/regression_metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

RegressionMetrics judge(const std::vector<PredictedRow>& all) {
  const TestContext test;
  return regression_metrics(
      std::ssize(all),
      [&](int, std::int64_t block, std::vector<PredictedRow>& rows) {
        if (block % test.comm().size() == test.comm().rank()) rows.push_back(all[static_cast<std::size_t>(block)]);
      },
      test.context());
}

TEST(RegressionMetrics, EqualTheTextbook) {
  const RegressionMetrics metrics = judge({{2.5, 3}, {0, -0.5}, {2, 2}, {8, 7}});  // scikit-learn's own example
  EXPECT_EQ(metrics.rows, 4);
  EXPECT_DOUBLE_EQ(metrics.rmse, std::sqrt(0.375));
  EXPECT_DOUBLE_EQ(metrics.mae, 0.5);
  EXPECT_NEAR(metrics.r2, 0.9486081370449679, 1e-15);
}

TEST(RegressionMetrics, NoRowsAndEqualLabels) {
  EXPECT_TRUE(std::isnan(judge({}).rmse));
  EXPECT_TRUE(std::isnan(judge({{1, 2}, {3, 2}}).r2));
  EXPECT_EQ(judge({{1, 2}, {3, 2}}).mae, 1);
  EXPECT_EQ(judge({{5, 5}}).rmse, 0);
}

}  // namespace
}  // namespace cohort::testing
