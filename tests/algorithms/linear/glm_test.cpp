// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/glm.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/checkpoints.hpp"
#include "core/error.hpp"
#include "core/random.hpp"
#include "tests/algorithms/memory_table.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
using Columns = std::vector<std::vector<double>>;
using Labels = std::vector<std::vector<std::string>>;

/// Fits columns that end with the label; weights are 1 unless given.
Glm::Model fit(const Glm::Params& params, Columns columns, Labels labels = {}, std::vector<double> weights = {}) {
  const TestContext test;
  labels.resize(columns.size() - 1);
  std::vector<std::string> names;
  for (std::size_t j = 0; j + 1 < columns.size(); ++j) names.push_back(fmt::format("x{}", j));
  names.insert(names.end(), {"label", "weight"});
  columns.push_back(weights.empty() ? std::vector<double>(columns.back().size(), 1.0) : weights);
  const MemoryTable table(names, columns, 40, test.comm());
  return Glm::fit(params, {.table = table, .labels = labels}, test.context());
}

std::string failure(const Glm::Params& params, const Columns& columns, const Labels& labels = {},
                    const std::vector<double>& weights = {}) {
  try {
    (void)fit(params, columns, labels, weights);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

const Glm::Params least_squares{.family = GlmFamily::gaussian};
const Glm::Params logistic{.family = GlmFamily::binomial};

/// Two normal columns and a label drawn with log-odds 0.5 + x0 - 2 x1.
Columns planted(std::size_t rows, std::uint64_t seed) {
  Columns columns(3, std::vector<double>(rows));
  for (std::size_t i = 0; i < rows; ++i) {
    RandomStream stream(seed, "glm_test", i);
    columns[0][i] = stream.normal();
    columns[1][i] = 3 + stream.normal() / 4;
    const double odds = std::exp(0.5 + columns[0][i] - 2 * (columns[1][i] - 3));
    columns[2][i] = stream.uniform() < odds / (1 + odds) ? 1 : 0;
  }
  return columns;
}

TEST(Linear, ALineIsFoundWithItsErrors) {
  // y = 1 + 2 x with errors (1, -1, -1, 1, 0); R: lm(y ~ x)
  const Glm::Model model = fit(least_squares, {{0, 1, 2, 3, 4}, {2, 2, 4, 8, 9}});
  EXPECT_NEAR(model.coefficients[1], 2, 1e-14);
  EXPECT_NEAR(model.coefficients[0], 1, 1e-14);
  EXPECT_NEAR(model.dispersion, 4.0 / 3, 1e-14);
  EXPECT_NEAR(model.standard_errors[1], std::sqrt(4.0 / 3 / 10), 1e-14);
  EXPECT_NEAR(model.standard_errors[0], std::sqrt(4.0 / 3 * (1.0 / 5 + 4.0 / 10)), 1e-14);
  EXPECT_EQ(model.freedom, 3);
}

TEST(Linear, RidgeShrinksAsItsFormula) {
  Glm::Params params = least_squares;
  params.penalty = 10;
  EXPECT_NEAR(fit(params, {{0, 1, 2, 3, 4}, {2, 2, 4, 8, 9}}).coefficients[1], 20.0 / (10 + 10), 1e-14);
}

TEST(Linear, WeightsCountAsRepeatedRows) {
  const Glm::Model model = fit(least_squares, {{0, 1, 5, 100}, {1, 3, 4, 1e9}}, {}, {1, 2, 1, 0});
  const Glm::Model repeated = fit(least_squares, {{0, 1, 1, 5}, {1, 3, 3, 4}});
  EXPECT_NEAR(model.coefficients[1], repeated.coefficients[1], 1e-13);
}

TEST(Linear, DependentAndConstantColumnsAreLeftOutAndSaid) {
  const Glm::Model model = fit(least_squares, {{1, 2, 3, 5}, {7, 7, 7, 7}, {3, 5, 7, 11}, {2, 4, 6, 10}});
  EXPECT_EQ(model.verdicts, (std::vector<std::int64_t>{0, 0, 1, 2}));
  EXPECT_NEAR(model.coefficients[1], 2, 1e-14);
  EXPECT_EQ(model.coefficients[3], 0);
}

TEST(Linear, CategoriesBecomeColumnsAgainstTheFirst) {
  const Glm::Model model = fit(least_squares, {{0, 1, 2, 0, 1, 2}, {1, 3, 7, 3, 5, 9}}, {{"a", "b", "c", "unused"}});
  ASSERT_EQ(model.design.terms.size(), 2U);
  EXPECT_EQ(model.design.terms[0].name, "x0=b");
  EXPECT_NEAR(model.coefficients[0], 2, 1e-14);
  EXPECT_NEAR(model.coefficients[1], 2, 1e-14);
  EXPECT_NEAR(model.coefficients[2], 6, 1e-14);
}

TEST(Linear, MissingValuesAreFilledOrRefused) {
  const Columns columns{{1, nan, 3, 4}, {1, 2, 3, 5}};
  EXPECT_THAT(failure(least_squares, columns), ::testing::HasSubstr("x0 is missing for 1 of 4"));
  Glm::Params params = least_squares;
  params.design.impute = "constant";
  params.design.fill_value = 10;
  const Glm::Model model = fit(params, columns), filled = fit(least_squares, {{1, 10, 3, 4}, {1, 2, 3, 5}});
  EXPECT_NEAR(model.coefficients[1], filled.coefficients[1], 1e-14);
  EXPECT_THAT(failure(params, {{nan, nan}, {1, 2}}), ::testing::HasSubstr("x0 is missing for all"));
}

TEST(Logistic, GradientVanishesAtTheOptimum) {
  const Columns columns = planted(300, 1);
  const Glm::Model model = fit(logistic, columns);
  EXPECT_EQ(model.converged, 1);
  std::vector<double> gradient(3);
  for (std::size_t i = 0; i < 300; ++i) {
    const double eta =
        model.coefficients[0] + model.coefficients[1] * columns[0][i] + model.coefficients[2] * columns[1][i];
    const double residual = columns[2][i] - 1 / (1 + std::exp(-eta));
    gradient[0] += residual;
    gradient[1] += residual * columns[0][i];
    gradient[2] += residual * columns[1][i];
  }
  for (const double g : gradient) EXPECT_NEAR(g, 0, 1e-11);
}

TEST(Logistic, AStoppedFitGoesOnToTheSameBitsFromAnyStep) {
  const TestContext test;
  Columns columns = planted(500, 5);
  columns.push_back(std::vector<double>(500, 1.0));
  const MemoryTable table({"x0", "x1", "label", "weight"}, columns, 40, test.comm());
  const std::vector<std::vector<std::string>> labels(2);
  std::vector<std::string> saved;
  const auto fit_from = [&](const std::string& start) {
    Checkpoints checkpoints(
        test.comm(), start, [&](const std::string& packed) { saved.push_back(packed); }, 0);
    Context context = test.context();
    context.checkpoints = &checkpoints;
    return Glm::fit(logistic, {.table = table, .labels = labels}, context);
  };
  const Glm::Model whole = fit_from("");
  std::vector<std::string> states = saved;  // on rank 0; the others are told
  std::vector<std::int64_t> count{std::ssize(states)};
  test.comm().all_reduce({}, count);
  EXPECT_GE(count[0], 2);
  states.resize(static_cast<std::size_t>(count[0]));
  for (const std::string& state : states) {
    const Glm::Model again = fit_from(state);
    EXPECT_EQ(again.coefficients, whole.coefficients);
    EXPECT_EQ(again.standard_errors, whole.standard_errors);
    EXPECT_EQ(again.loss, whole.loss);
    EXPECT_EQ(again.n_iter, whole.n_iter);
  }
}

TEST(Logistic, ADichotomyHasTheOddsRatio) {
  // 2 x 2 table: 30 of 40 against 10 of 60.
  Columns columns(2);
  for (int i = 0; i < 100; ++i) {
    columns[0].push_back(i < 40 ? 1 : 0);
    columns[1].push_back(i < 30 || i >= 90 ? 1 : 0);
  }
  const Glm::Model model = fit(logistic, columns);
  EXPECT_NEAR(model.coefficients[1], std::log(30.0 / 10 / (10.0 / 50)), 1e-12);
  EXPECT_NEAR(model.standard_errors[1], std::sqrt(1.0 / 30 + 1.0 / 10 + 1.0 / 10 + 1.0 / 50), 1e-9);
}

TEST(Logistic, IntervalsCoverThePlantedTruth) {
  constexpr int runs = 200;
  int covered = 0;
  for (int run = 0; run < runs; ++run) {
    const Glm::Model model = fit(logistic, planted(400, 100 + static_cast<std::uint64_t>(run)));
    covered += std::abs(model.coefficients[1] - 1) < 1.96 * model.standard_errors[1] ? 1 : 0;
  }
  EXPECT_GE(covered, 180);  // 95 % of 200, less three deviations
  EXPECT_LE(covered, 199);
}

TEST(Logistic, BalancedClassesAreWeights) {
  const Columns columns = planted(300, 2);
  Glm::Params params = logistic;
  params.balanced_classes = true;
  double positives = 0;
  for (const double y : columns[2]) positives += y;
  std::vector<double> weights;
  for (const double y : columns[2]) weights.push_back(y > 0 ? 150 / positives : 150 / (300 - positives));
  EXPECT_NEAR(fit(params, columns).coefficients[1], fit(logistic, columns, {}, weights).coefficients[1], 1e-9);
}

TEST(Logistic, SeparationIsSaid) {
  const Glm::Model perfect = fit(logistic, {{1, 2, 3, 4, 5, 6}, {0, 0, 0, 1, 1, 1}});
  EXPECT_TRUE(perfect.separated());
  EXPECT_EQ(perfect.converged, 0);
  Columns columns = planted(300, 3);
  std::vector<double> rare(300, 0.0);
  for (std::size_t i = 0; i < 300; ++i) rare[i] = columns[2][i] == 0 && i % 40 < 10 ? 1 : 0;
  columns.insert(columns.begin(), rare);
  const Glm::Model quasi = fit(logistic, columns);
  EXPECT_EQ(quasi.verdicts, (std::vector<std::int64_t>{0, 3, 0, 0}));
  EXPECT_LT(quasi.coefficients[1], -15);
}

TEST(Logistic, RefusesWhatCannotBeLearned) {
  EXPECT_THAT(failure(logistic, {{1, 2, 3}, {1, 1, 1}}), ::testing::HasSubstr("one class"));
  EXPECT_THAT(failure(logistic, {{1, 2, 3}, {nan, nan, nan}}), ::testing::HasSubstr("no row has a label"));
  EXPECT_THAT(failure(logistic, {{1, 2, 3}, {0, 1, 1}}, {}, {1, -1, 1}), ::testing::HasSubstr("negative"));
  EXPECT_THAT(failure(logistic, {{1, HUGE_VAL, 3}, {0, 1, 1}}), ::testing::HasSubstr("x0 holds an infinite"));
}

TEST(Scorer, ReasonsAndLimitsOfTheSchema) {
  const TestContext test;
  const Glm::Model model =
      fit(least_squares, {{0, 1, 2, 3, 4, 5}, {0, 1, 0, 1, 0, 1}, {0, 5, 4, 9, 8, 13}}, {{}, {"a", "b"}});
  const Glm::Scorer scorer(model, {"x1", "x0"}, {{"b", "new"}, {}});  // other order, other codes
  const std::vector<double> codes{0, 1}, values{5, 0};
  const Glm::Scorer::Scores scores = scorer.explain({.first_row = 0, .rows = 2, .columns = {codes, values}});
  EXPECT_NEAR(scores.means[0], 13, 1e-12);
  EXPECT_NEAR(scores.means[1], 0, 1e-12);  // an unseen category counts as the reference
  const std::vector<std::string> labels = scorer.reason_labels();
  EXPECT_EQ(labels[static_cast<std::size_t>(scores.reasons[0][0])], "x0 (+)");
  EXPECT_EQ(labels[static_cast<std::size_t>(scores.reasons[1][0])], "x0 (-)");
  EXPECT_EQ(scores.reasons[0][2], -1);
  EXPECT_THROW(Glm::Scorer(model, {"x0"}, {{}}), Error);
  EXPECT_THROW(Glm::Scorer(model, {"x0", "x1"}, {{}, {}}), Error);
}

}  // namespace
}  // namespace cohort::testing
