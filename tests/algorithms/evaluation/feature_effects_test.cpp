// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/feature_effects.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/algorithms/memory_table.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

constexpr std::size_t rows = 4000;

/// Three independent columns; label; weight, 0 for every fifth row.
std::vector<std::vector<double>> sample() {
  std::vector<std::vector<double>> columns(5, std::vector<double>(rows));
  for (std::size_t i = 0; i < rows; ++i) {
    columns[0][i] = static_cast<double>(i * 7 % 13);
    columns[1][i] = static_cast<double>(i * 11 % 17);
    columns[2][i] = static_cast<double>(i * 5 % 19);
    columns[3][i] = 3 * columns[0][i] + columns[1][i] + std::sin(static_cast<double>(i));
    columns[4][i] = i % 5 == 4 ? 0 : 1;
  }
  return columns;
}

std::vector<double> predict(const NumericBlock& block) {
  std::vector<double> means;
  for (std::size_t i = 0; i < static_cast<std::size_t>(block.rows); ++i) {
    means.push_back(3 * block.columns[0][i] + block.columns[1][i]);
  }
  return means;
}

FeatureEffects effects(const FeatureEffects::Params& params) {
  const TestContext test;
  const MemoryTable table({"a", "b", "c", "label", "weight"}, sample(), 500, test.comm());
  return feature_effects({.table = table, .labels = {{}, {}, {}}}, predict, RowLoss::squared, params, test.context());
}

TEST(FeatureEffects, TheLossGrowsByTwiceTheVarianceItExplains) {
  const FeatureEffects found = effects({.rows = 0, .seed = 4});
  EXPECT_EQ(found.rows, 3200);
  EXPECT_NEAR(found.loss, 0.5, 0.01);
  // Uniform on n values: variance (n^2 - 1) / 12.
  EXPECT_NEAR(found.importance[0].increase, 2 * 9 * 168 / 12.0, 5 * found.importance[0].standard_error);
  EXPECT_NEAR(found.importance[1].increase, 2 * 288 / 12.0, 5 * found.importance[1].standard_error);
  EXPECT_EQ(found.importance[2].increase, 0) << "the model does not look at it";
  EXPECT_EQ(found.importance[2].standard_error, 0);
}

TEST(FeatureEffects, DependenceIsTheMeanWithTheValueForAll) {
  const FeatureEffects found = effects({.repeats = 1, .rows = 0, .grid = {{0, 10}, {}, {5}}});
  const std::vector<std::vector<double>> columns = sample();
  double mean_of_b = 0, mean = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    mean_of_b += columns[4][i] * columns[1][i] / 3200;
    mean += columns[4][i] * (3 * columns[0][i] + columns[1][i]) / 3200;
  }
  EXPECT_NEAR(found.dependence[0][0], mean_of_b, 1e-12);
  EXPECT_NEAR(found.dependence[0][1], 30 + mean_of_b, 1e-12);
  EXPECT_TRUE(found.dependence[1].empty());
  EXPECT_NEAR(found.dependence[2][0], mean, 1e-12);
}

TEST(FeatureEffects, ASampleIsDrawnByRow) {
  const FeatureEffects found = effects({.rows = 1000, .seed = 4});
  EXPECT_NEAR(static_cast<double>(found.rows), 800, 120);
  EXPECT_EQ(effects({.rows = 1000, .seed = 4}).importance[0].increase, found.importance[0].increase);
  EXPECT_NE(effects({.rows = 1000, .seed = 5}).importance[0].increase, found.importance[0].increase);
}

}  // namespace
}  // namespace cohort::testing
