// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/class_metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

/// Blocks of ten, each on rank block modulo size.
ClassRows dealt(const std::vector<ClassRow>& rows, const Communicator& comm) {
  ClassRows mine;
  for (std::size_t first = 0; first < rows.size(); first += 10) {
    if (first / 10 % static_cast<std::size_t>(comm.size()) != static_cast<std::size_t>(comm.rank())) continue;
    mine.emplace_back(rows.begin() + static_cast<std::ptrdiff_t>(first),
                      rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), first + 10)));
  }
  return mine;
}

double figure(const ClassMetrics& of, ClassFigure which) {
  return of.figures[static_cast<std::size_t>(which)];
}

TEST(ClassMetrics, FiguresByHand) {
  // sklearn.metrics on y = [0, 0, 1, 1, 2], predicted [0, 1, 1, 1, 0]
  const TestContext test;
  const std::vector<ClassRow> rows{
      {0, 0, 0.5, 1, 1}, {0, 1, 0.25, 1, 2}, {1, 1, 0.5, 1, 3}, {1, 1, 0.5, 1, 4}, {2, 0, 0.125, 1, 5}};
  const ClassMetrics metrics = class_metrics(dealt(rows, test.comm()), 3, {}, test.context());
  EXPECT_EQ(metrics.rows, 5);
  EXPECT_NEAR(figure(metrics, ClassFigure::log_loss), std::log(2.0) * (1 + 2 + 1 + 1 + 3) / 5, 1e-14);
  EXPECT_NEAR(figure(metrics, ClassFigure::accuracy), 0.6, 1e-15);
  EXPECT_NEAR(figure(metrics, ClassFigure::balanced_accuracy), 0.5, 1e-15);
  EXPECT_NEAR(figure(metrics, ClassFigure::f1_macro), (0.5 + 0.8 + 0) / 3, 1e-15);
  EXPECT_NEAR(figure(metrics, ClassFigure::f1_weighted), (2 * 0.5 + 2 * 0.8) / 5, 1e-15);
  EXPECT_NEAR(figure(metrics, ClassFigure::kappa), (0.6 - 0.4) / (1 - 0.4), 1e-15);
  EXPECT_EQ(metrics.confusion, (std::vector<double>{1, 1, 0, 0, 2, 0, 1, 0, 0}));
  EXPECT_TRUE(std::isnan(metrics.low[0]));
}

TEST(ClassMetrics, IntervalsHoldTheFigures) {
  const TestContext test;
  std::vector<ClassRow> rows;
  for (std::uint64_t i = 0; i < 500; ++i) {
    RandomStream stream(3, "class_metrics_test", i);
    const auto label = static_cast<std::int32_t>(stream.below(3));
    rows.push_back({label, stream.uniform() < 0.7 ? label : 0, 0.1 + 0.8 * stream.uniform(), 1 + stream.uniform(), i});
  }
  const ClassMetrics metrics =
      class_metrics(dealt(rows, test.comm()), 3, {.replicates = 100, .seed = 1}, test.context());
  for (std::size_t f = 0; f < class_figure_count; ++f) {
    EXPECT_LT(metrics.low[f], metrics.figures[f]);
    EXPECT_GT(metrics.high[f], metrics.figures[f]);
  }
}

TEST(ClassMetrics, NoRowsHaveNoFigures) {
  const TestContext test;
  const ClassMetrics metrics = class_metrics({}, 3, {.replicates = 10}, test.context());
  EXPECT_EQ(metrics.rows, 0);
  EXPECT_TRUE(std::isnan(figure(metrics, ClassFigure::accuracy)));
}

}  // namespace
}  // namespace cohort::testing
