// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/sgd.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "algorithms/linear/glm.hpp"
#include "core/random.hpp"
#include "tests/algorithms/memory_table.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

/// Two correlated columns, a label that follows them, and weights.
std::vector<std::vector<double>> planted(std::size_t rows) {
  std::vector<std::vector<double>> columns(4, std::vector<double>(rows, 1.0));
  for (std::size_t i = 0; i < rows; ++i) {
    RandomStream stream(5, "sgd_test", i);
    columns[0][i] = stream.normal();
    columns[1][i] = 30 + 5 * (columns[0][i] / 2 + stream.normal());
    const double odds = std::exp(0.3 + columns[0][i] - (columns[1][i] - 30) / 10);
    columns[2][i] = stream.uniform() < odds / (1 + odds) ? 1 : 0;
  }
  return columns;
}

TEST(Sgd, ComesNearTheOptimum) {
  const TestContext test;
  const MemoryTable table({"x0", "x1", "label", "weight"}, planted(4000), 700, test.comm());
  const LabelledRows rows{.table = table, .labels = {{}, {}}};
  for (const GlmFamily family : {GlmFamily::gaussian, GlmFamily::binomial, GlmFamily::poisson}) {
    Glm::Params params{.family = family, .penalty = 2};
    const Glm::Model newton = Glm::fit(params, rows, test.context());
    params.solver = Glm::Solver::sgd;
    params.sgd = {.epochs = 40, .batch_size = 256, .learning_rate = 0.3, .decay = 0.1};
    const Glm::Model sgd = Glm::fit(params, rows, test.context());
    ASSERT_EQ(sgd.epochs.size(), 40U);
    EXPECT_NEAR(sgd.loss / newton.loss, 1, 2e-4);
    EXPECT_GE(sgd.loss, newton.loss - 1e-9);
    EXPECT_LT(sgd.epochs.back().loss, sgd.epochs.front().loss);
    EXPECT_EQ(sgd.converged, 0);
    for (std::size_t j = 1; j < 3; ++j) EXPECT_NEAR(sgd.standardised[j], newton.standardised[j], 0.02);
  }
}

TEST(Sgd, AStepTooLongEndsEarly) {
  const TestContext test;
  const MemoryTable table({"x0", "x1", "label", "weight"}, planted(1000), 700, test.comm());
  Glm::Params params{.family = GlmFamily::gaussian, .solver = Glm::Solver::sgd};
  params.sgd = {.epochs = 1000, .batch_size = 128, .learning_rate = 1e5, .decay = 0};
  const Glm::Model model = Glm::fit(params, {.table = table, .labels = {{}, {}}}, test.context());
  EXPECT_LT(model.epochs.size(), 1000U);
  EXPECT_FALSE(std::isfinite(model.loss));
}

}  // namespace
}  // namespace cohort::testing
