// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/softmax.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"
#include "tests/algorithms/memory_table.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

using Columns = std::vector<std::vector<double>>;
using Labels = std::vector<std::vector<std::string>>;

const std::vector<std::string> three{"a", "b", "c"};

Softmax::Model fit(const Softmax::Params& params, Columns columns, Labels labels = {}, std::vector<double> weights = {},
                   const std::vector<std::string>& classes = three) {
  const TestContext test;
  labels.resize(columns.size() - 1);
  std::vector<std::string> names;
  for (std::size_t j = 0; j + 1 < columns.size(); ++j) names.push_back(fmt::format("x{}", j));
  names.insert(names.end(), {"label", "weight"});
  columns.push_back(weights.empty() ? std::vector<double>(columns.back().size(), 1.0) : weights);
  const MemoryTable table(names, columns, 40, test.comm());
  return Softmax::fit(params, classes, {.table = table, .labels = labels}, test.context());
}

/// A number, a category of three levels, and a label that follows both.
Columns planted(std::size_t rows) {
  Columns columns(3, std::vector<double>(rows));
  for (std::size_t i = 0; i < rows; ++i) {
    RandomStream stream(5, "softmax_test", i);
    const double x = columns[0][i] = 10 + 3 * stream.normal();
    const auto level = static_cast<double>(stream.below(3));
    columns[1][i] = level;
    const double b = std::exp(0.3 * (x - 10) + 0.2 * level), c = std::exp(0.5 - 0.2 * (x - 10));
    const double draw = stream.uniform() * (1 + b + c);
    columns[2][i] = draw < 1 ? 0 : draw < 1 + b ? 1 : 2;
  }
  return columns;
}
const Labels levels{{}, {"u", "v", "w"}};

/// Rows of 1, x, (level is v), (level is w).
std::vector<double> spread(const Columns& columns, std::size_t i) {
  return {1, columns[0][i], columns[1][i] == 1 ? 1.0 : 0.0, columns[1][i] == 2 ? 1.0 : 0.0};
}

/// Minus the gradient of the likelihood at a model's coefficients, by class and term.
std::vector<double> pull(const Softmax::Model& model, const Columns& columns, const std::vector<double>& weights) {
  std::vector<double> result(model.coefficients.size());
  for (std::size_t i = 0; i < columns[0].size(); ++i) {
    const std::vector<double> row = spread(columns, i);
    std::vector<double> odds{1};
    for (std::size_t k = 0; k + 1 < model.classes.size(); ++k) {
      double eta = 0;
      for (std::size_t j = 0; j < row.size(); ++j) eta += model.coefficients[k * row.size() + j] * row[j];
      odds.push_back(std::exp(eta));
    }
    double all = 0;
    for (const double o : odds) all += o;
    for (std::size_t at = 0; at < result.size(); ++at) {
      const std::size_t k = at / row.size() + 1;
      const double hit = columns[2][i] == static_cast<double>(k) ? 1 : 0;
      result[at] += weights[i] * (hit - odds[k] / all) * row[at % row.size()];
    }
  }
  return result;
}

TEST(Softmax, TheGradientVanishesAtTheOptimumByBothSolvers) {
  const Columns columns = planted(400);
  std::vector<double> weights(400, 1.0);
  for (std::size_t i = 0; i < 400; i += 3) weights[i] = 2.5;
  for (const Glm::Solver solver : {Glm::Solver::newton, Glm::Solver::lbfgs}) {
    const Softmax::Model model = fit({.solver = solver, .tol = 1e-10}, columns, levels, weights);
    EXPECT_EQ(model.converged, 1);
    ASSERT_EQ(model.coefficients.size(), 8U);
    for (const double slope : pull(model, columns, weights)) EXPECT_NEAR(slope, 0, 1e-6);
    EXPECT_EQ(std::isnan(model.standard_errors[1]), solver == Glm::Solver::lbfgs);
  }
}

TEST(Softmax, ThePenaltyKnowsNoSpecialClass) {
  // Of coefficients that sum to 0 over the classes, each is pulled by itself; of those against the first, by the sum.
  const Columns columns = planted(400);
  for (const Glm::Solver solver : {Glm::Solver::newton, Glm::Solver::lbfgs}) {
    const Softmax::Model model = fit({.penalty = 7, .solver = solver, .tol = 1e-10}, columns, levels);
    const std::vector<double> slopes = pull(model, columns, std::vector<double>(400, 1.0));
    for (std::size_t j = 0; j < 4; ++j) {
      const double b = model.coefficients[j], c = model.coefficients[4 + j], mean = (b + c) / 3;
      EXPECT_NEAR(slopes[j], j == 0 ? 0 : 7 * (b - mean), 1e-6);
      EXPECT_NEAR(slopes[4 + j], j == 0 ? 0 : 7 * (c - mean), 1e-6);
    }
  }
}

TEST(Softmax, TwoClassesAreLogisticRegression) {
  Columns columns = planted(300);
  for (double& label : columns[2]) label = label > 0 ? 1 : 0;
  const Softmax::Model two = fit({.tol = 1e-10}, columns, levels, {}, {"no", "yes"});
  const TestContext test;
  columns.push_back(std::vector<double>(300, 1.0));
  const MemoryTable table({"x0", "x1", "label", "weight"}, columns, 40, test.comm());
  const Glm::Model logistic =
      Glm::fit({.family = GlmFamily::binomial, .tol = 1e-10}, {.table = table, .labels = levels}, test.context());
  for (std::size_t j = 0; j < 4; ++j) {
    EXPECT_NEAR(two.coefficients[j], logistic.coefficients[j], 1e-9);
    EXPECT_NEAR(two.standard_errors[j], logistic.standard_errors[j], 1e-9);
  }
}

TEST(Softmax, ErrorsOfAnInterceptByHand) {
  // Counts 20, 30, 50 and no feature that says anything: log-odds log(n_k / n_0), variance 1 / n_k + 1 / n_0.
  Columns columns(2, std::vector<double>(100, 4.0));
  for (std::size_t i = 0; i < 100; ++i) columns[1][i] = i < 20 ? 0 : i < 50 ? 1 : 2;
  const Softmax::Model model = fit({}, columns);
  EXPECT_NEAR(model.coefficients[0], std::log(1.5), 1e-12);
  EXPECT_NEAR(model.coefficients[2], std::log(2.5), 1e-12);
  EXPECT_NEAR(model.standard_errors[0], std::sqrt(1.0 / 30 + 1.0 / 20), 1e-12);
  EXPECT_NEAR(model.standard_errors[2], std::sqrt(1.0 / 50 + 1.0 / 20), 1e-12);
  EXPECT_EQ(model.verdicts, (std::vector<std::int64_t>{0, 1, 0, 1}));
  EXPECT_NEAR(fit({.balanced_classes = true}, columns).coefficients[2], 0, 1e-12);
}

TEST(Softmax, WhatHasNoOptimumIsSaid) {
  Columns columns = planted(300);
  for (std::size_t i = 0; i < 300; ++i) columns[1][i] = columns[2][i] == 2 ? columns[1][i] : 0;
  for (const Glm::Solver solver : {Glm::Solver::newton, Glm::Solver::lbfgs}) {
    EXPECT_TRUE(fit({.solver = solver}, columns, levels).separated());
    EXPECT_FALSE(fit({.penalty = 1, .solver = solver}, columns, levels).separated());
  }
  EXPECT_THROW(fit({}, columns, levels, {}, {"a", "b", "c", "d"}), Error);
}

TEST(SoftmaxScorer, ProbabilitiesAndReasonsOfTheMostProbableClass) {
  const Softmax::Model model = fit({}, planted(400), levels);
  const Softmax::Scorer scorer(model, {"x1", "x0"}, {{"w", "new"}, {}});  // other order, other codes
  const std::vector<double> codes{0, 1}, values{19, 1};
  const Softmax::Scorer::Scores scores = scorer.explain({.first_row = 0, .rows = 2, .columns = {codes, values}});
  ASSERT_EQ(scores.probabilities.size(), 6U);
  const double eta_b = model.coefficients[0] + 19 * model.coefficients[1] + model.coefficients[3];
  const double eta_c = model.coefficients[4] + 19 * model.coefficients[5] + model.coefficients[7];
  EXPECT_NEAR(scores.probabilities[1], std::exp(eta_b) / (1 + std::exp(eta_b) + std::exp(eta_c)), 1e-12);
  const std::vector<std::string> labels = LinearReasons::labels(model.design);
  EXPECT_EQ(labels[static_cast<std::size_t>(scores.reasons[0][0])], "x0 (+)");  // b
  EXPECT_EQ(labels[static_cast<std::size_t>(scores.reasons[1][0])], "x0 (+)");  // c, whose log-odds fall with x0
}

}  // namespace
}  // namespace cohort::testing
