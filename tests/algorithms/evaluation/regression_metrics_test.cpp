// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/regression_metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

/// Row i is a block of rank i modulo the ranks.
RegressionMetrics judge(const std::vector<JudgedRow>& all, const Bootstrap& bootstrap = {}) {
  const TestContext test;
  JudgedRows rows;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (static_cast<int>(i) % test.comm().size() == test.comm().rank()) rows.push_back({all[i]});
  }
  return regression_metrics(rows, bootstrap, test.context());
}

TEST(RegressionMetrics, EqualTheTextbook) {
  const RegressionMetrics metrics = judge({{2.5, 3}, {0, -0.5}, {2, 2}, {8, 7}});  // scikit-learn's own example
  EXPECT_EQ(metrics.rows, 4);
  EXPECT_DOUBLE_EQ(metrics[RegressionFigure::rmse], std::sqrt(0.375));
  EXPECT_DOUBLE_EQ(metrics[RegressionFigure::mae], 0.5);
  EXPECT_NEAR(metrics[RegressionFigure::r2], 0.9486081370449679, 1e-15);
}

TEST(RegressionMetrics, NoRowsAndEqualLabels) {
  EXPECT_TRUE(std::isnan(judge({})[RegressionFigure::rmse]));
  EXPECT_TRUE(std::isnan(judge({{1, 2}, {3, 2}})[RegressionFigure::r2]));
  EXPECT_EQ(judge({{1, 2}, {3, 2}})[RegressionFigure::mae], 1);
  EXPECT_EQ(judge({{5, 5}})[RegressionFigure::rmse], 0);
}

std::vector<JudgedRow> weighted_sample() {
  std::vector<JudgedRow> rows;
  for (int i = 0; i < 40; ++i) {
    const double p = (i * 37 % 41) / 41.0, yes = i * i % 7 + p * 5 > 4 ? 1 : 0;
    rows.push_back({.prediction = p * 10 - 3,
                    .label = yes * 4 + i % 3,
                    .weight = 1 + (i % 5) * 0.25 + (i % 3) / 3.0,
                    .key = static_cast<std::uint64_t>(i)});
  }
  return rows;
}

TEST(RegressionMetrics, WithWeightsEqualScikitLearn) {
  const RegressionMetrics metrics = judge(weighted_sample());
  EXPECT_NEAR(metrics[RegressionFigure::rmse], 2.660363744233201, 1e-12);
  EXPECT_NEAR(metrics[RegressionFigure::mae], 2.072474663102795, 1e-12);
  EXPECT_NEAR(metrics[RegressionFigure::r2], -0.673583225021487, 1e-12);
  EXPECT_NEAR(metrics[RegressionFigure::bias], -1.3971210602516984, 1e-12);
}

TEST(RegressionMetrics, AReplicateIsTheRowsItHolds) {
  const std::vector<JudgedRow> rows = weighted_sample();
  constexpr std::int64_t replicates = 40;  // one and a bit of PoissonLanes
  const RegressionMetrics metrics = judge(rows, {.replicates = replicates, .seed = 7});
  std::array<std::vector<double>, regression_figure_count> figures;
  std::array<double, PoissonLanes::lanes> times;
  for (std::size_t r = 0; r < replicates; ++r) {
    std::vector<JudgedRow> held;
    for (JudgedRow row : rows) {
      PoissonLanes(7, r < times.size() ? 0 : std::ssize(times))(row.key, times);
      row.weight *= times[r % times.size()];
      if (row.weight > 0) held.push_back(row);
    }
    const RegressionMetrics of_held = judge(held);
    for (std::size_t f = 0; f < figures.size(); ++f) figures[f].push_back(of_held.figures[f]);
  }
  for (std::size_t f = 0; f < figures.size(); ++f) {
    const PercentileInterval expected = percentile_interval(figures[f]);
    EXPECT_NEAR(metrics.low[f] / expected.low, 1, 1e-11) << regression_figure_names[f];
    EXPECT_NEAR(metrics.high[f] / expected.high, 1, 1e-11) << regression_figure_names[f];
  }
}

}  // namespace
}  // namespace cohort::testing
