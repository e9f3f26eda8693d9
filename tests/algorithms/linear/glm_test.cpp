// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/glm.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
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
  std::array<int, 3> covered{};
  for (int run = 0; run < runs; ++run) {
    const Glm::Model model = fit(logistic, planted(400, 100 + static_cast<std::uint64_t>(run)));
    covered[0] += std::abs(model.coefficients[1] - 1) < 1.96 * model.standard_errors[1] ? 1 : 0;
    covered[1] += std::abs(model.coefficients[2] + 2) < 1.96 * model.standard_errors[2] ? 1 : 0;
    covered[2] += std::abs(model.coefficients[0] - 6.5) < 1.96 * model.standard_errors[0] ? 1 : 0;
  }
  for (const int count : covered) {
    EXPECT_GE(count, 180);  // 95 % of 200, less and more three deviations
    EXPECT_LE(count, 199);
  }
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

/// Fisher's scoring by naive loops in long double: an intercept and one column.
struct Naive {
  long double intercept = 0, slope = 0, intercept_error = 0, slope_error = 0, pearson = 0;
};
Naive fisher_scoring(long double power, const Columns& columns, const std::vector<double>& weights) {
  Naive fit;
  long double mean = 0;
  for (const double y : columns[1]) mean += y / static_cast<long double>(columns[1].size());
  fit.intercept = std::log(mean);
  for (int step = 0; step < 200; ++step) {
    long double a = 0, b = 0, c = 0, g = 0, h = 0, chi = 0;
    for (std::size_t i = 0; i < columns[0].size(); ++i) {
      const long double x = columns[0][i], mu = std::exp(fit.intercept + fit.slope * x), w = weights[i];
      const long double curvature = w * std::pow(mu, 2 - power),
                        residual = w * (columns[1][i] - mu) * std::pow(mu, 1 - power);
      a += curvature, b += curvature * x, c += curvature * x * x, g += residual, h += residual * x;
      chi += residual * residual / curvature;
    }
    const long double determinant = a * c - b * b;
    fit.intercept += (c * g - b * h) / determinant;
    fit.slope += (a * h - b * g) / determinant;
    fit.pearson = chi / static_cast<long double>(columns[0].size() - 2);
    fit.intercept_error = std::sqrt(c / determinant), fit.slope_error = std::sqrt(a / determinant);
  }
  return fit;
}

TEST(PowerLaw, EqualsFisherScoring) {
  Columns columns(2, std::vector<double>(90));
  std::vector<double> weights(90);
  for (std::size_t i = 0; i < 90; ++i) {
    RandomStream stream(11, "glm_test.power", i);
    columns[0][i] = stream.normal();
    columns[1][i] = std::exp(0.5 + 0.7 * columns[0][i]) * (0.1 - std::log(1 - stream.uniform()));
    weights[i] = static_cast<double>(1 + i % 3);
  }
  for (const double power : {1.0, 1.3, 1.5, 1.9, 2.0}) {
    const GlmFamily law{GlmFamily::Kind::power, power};
    const Glm::Model model = fit({.family = law, .estimated_dispersion = true, .tol = 1e-12}, columns, {}, weights);
    const Naive naive = fisher_scoring(power, columns, weights);
    EXPECT_NEAR(model.coefficients[0], static_cast<double>(naive.intercept), 1e-12) << power;
    EXPECT_NEAR(model.coefficients[1], static_cast<double>(naive.slope), 1e-12) << power;
    EXPECT_NEAR(model.pearson, static_cast<double>(naive.pearson), 1e-12) << power;
    const auto spread = static_cast<double>(std::sqrt(naive.pearson));
    EXPECT_NEAR(model.standard_errors[0], spread * static_cast<double>(naive.intercept_error), 1e-12) << power;
    EXPECT_NEAR(model.standard_errors[1], spread * static_cast<double>(naive.slope_error), 1e-12) << power;
  }
}

TEST(PowerLaw, AnOffsetHasItsCoefficient) {
  // Counts of 2 a day over 1, 2, 5 and 10 days.
  Glm::Params params{.family = GlmFamily::poisson};
  params.offset = "x0";
  std::vector<double> logs;
  for (const double days : {1, 2, 5, 10}) logs.push_back(std::log(days));
  const Glm::Model model = fit(params, {logs, {2, 4, 10, 20}});
  EXPECT_EQ(model.coefficients[1], 1);
  EXPECT_EQ(model.verdicts[1], static_cast<std::int64_t>(Glm::Verdict::offset));
  EXPECT_NEAR(model.coefficients[0], std::log(2.0), 1e-12);
  EXPECT_NEAR(model.standard_errors[0], 1 / std::sqrt(36.0), 1e-9);
}

TEST(PowerLaw, ExtremesAreFittedOrRefused) {
  const Glm::Model wide = fit({.family = GlmFamily::poisson}, {{0, 1, 2, 3, 4, 20}, {1, 2, 4, 8, 16, 1.1e6}});
  EXPECT_EQ(wide.converged, 1);
  EXPECT_NEAR(wide.coefficients[1], std::log(2.0), 1e-2);
  EXPECT_TRUE(fit({.family = GlmFamily::poisson}, {{1, 1, 0, 0, 0}, {0, 0, 1, 2, 3}}).separated());
  EXPECT_THAT(failure({.family = GlmFamily::poisson}, {{1, 2, 3}, {1, -2, 3}}),
              ::testing::HasSubstr("goes down to -2"));
  EXPECT_THAT(failure({.family = GlmFamily::gamma}, {{1, 2, 3}, {1, 0, 3}}), ::testing::HasSubstr("above 0"));
  EXPECT_THAT(failure({.family = GlmFamily::poisson}, {{1, 2, 3}, {0, 0, 0}}), ::testing::HasSubstr("0 in all 3 rows"));
}

TEST(Elastic, ALassoCoefficientIsShiftedByThePenalty) {
  Glm::Params params = least_squares;
  params.l1 = 4;
  const Glm::Model model = fit(params, {{0, 1, 2, 3, 4}, {2, 2, 4, 8, 9}});
  EXPECT_NEAR(model.coefficients[1], (20.0 - 4) / 10, 1e-13);
  EXPECT_NEAR(model.coefficients[0], 5 - 2 * 1.6, 1e-13);
  params.l1 = 30;
  const Glm::Model nothing = fit(params, {{0, 1, 2, 3, 4}, {2, 2, 4, 8, 9}});
  EXPECT_EQ(nothing.coefficients[1], 0);
  EXPECT_EQ(nothing.verdicts[1], static_cast<std::int64_t>(Glm::Verdict::zero));
}

TEST(Elastic, APenalisedLogisticFitHasTheRightPull) {
  const Columns columns = planted(300, 7);
  Glm::Params params = logistic;
  params.l1 = 6;
  params.tol = 1e-10;
  const Glm::Model model = fit(params, columns);
  double constant = 0, pull = 0;
  for (std::size_t i = 0; i < 300; ++i) {
    const double eta =
        model.coefficients[0] + model.coefficients[1] * columns[0][i] + model.coefficients[2] * columns[1][i];
    const double residual = columns[2][i] - 1 / (1 + std::exp(-eta));
    constant += residual;
    pull += residual * columns[0][i];
  }
  EXPECT_NEAR(constant, 0, 1e-8);
  EXPECT_NEAR(pull, 6, 1e-7);
}

TEST(Wide, AnotherSolverFindsTheSameOptimum) {
  for (const GlmFamily family : {GlmFamily::gaussian, GlmFamily::binomial, GlmFamily::poisson}) {
    const Columns columns = planted(300, 12);
    Glm::Params params{.family = family, .penalty = 0.5, .tol = 1e-9};
    const Glm::Model newton = fit(params, columns);
    params.solver = Glm::Solver::lbfgs;
    const Glm::Model lbfgs = fit(params, columns);
    EXPECT_EQ(lbfgs.converged, 1);
    for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(lbfgs.coefficients[j], newton.coefficients[j], 1e-7);
    EXPECT_NEAR(lbfgs.loss, newton.loss, 1e-9);
    EXPECT_TRUE(std::isnan(lbfgs.standard_errors[1]));
  }
  Glm::Params params = logistic;
  params.solver = Glm::Solver::lbfgs;
  EXPECT_TRUE(fit(params, {{1, 2, 3, 4, 5, 6}, {0, 0, 0, 1, 1, 1}}).separated());
}

TEST(Wide, CategoriesAreNeverSpreadOut) {
  Columns columns = planted(300, 12);
  columns.insert(columns.begin() + 1, std::vector<double>(300));
  for (std::size_t i = 0; i < 300; ++i) columns[1][i] = i == 7 ? nan : static_cast<double>(i * i % 4);
  const Labels labels{{}, {"d", "b", "unused", "a", "c"}, {}};
  for (const GlmFamily family : {GlmFamily::gaussian, GlmFamily::binomial, GlmFamily::poisson}) {
    Glm::Params params{.family = family, .penalty = 0.5, .tol = 1e-9};
    params.design.impute = "constant";
    const Glm::Model newton = fit(params, columns, labels);
    params.solver = Glm::Solver::lbfgs;
    const Glm::Model lbfgs = fit(params, columns, labels);
    EXPECT_EQ(lbfgs.converged, 1);
    EXPECT_NEAR(lbfgs.loss, newton.loss, 1e-9);
    for (std::size_t j = 0; j < newton.coefficients.size(); ++j) {
      EXPECT_NEAR(lbfgs.coefficients[j], newton.coefficients[j], 1e-6);
    }
  }
}

TEST(Wide, ALevelOfOneClassHasNoOptimum) {
  Columns columns = planted(300, 12);
  columns.insert(columns.begin(), std::vector<double>(300));
  for (std::size_t i = 0; i < 300; ++i)
    columns[0][i] = columns[3][i] > 0 && i % 2 == 0 ? 1 : static_cast<double>(i % 3 / 2 * 2);
  Glm::Params params = logistic;
  params.solver = Glm::Solver::lbfgs;
  const Glm::Model model = fit(params, columns, {{"a", "b", "c"}, {}, {}});
  EXPECT_EQ(model.verdicts, (std::vector<std::int64_t>{0, 3, 0, 0, 0}));
  params.penalty = 1;
  EXPECT_FALSE(fit(params, columns, {{"a", "b", "c"}, {}, {}}).separated());
}

TEST(Robust, ErrorsOfALineByHand) {
  // The line of ALineIsFoundWithItsErrors: centred x (-2, -1, 0, 1, 2), residuals (1, -1, -1, 1, 0).
  const Columns columns{{0, 1, 2, 3, 4}, {2, 2, 4, 8, 9}};
  Glm::Params params = least_squares;
  params.covariance = Glm::Covariance::hc0;
  EXPECT_NEAR(fit(params, columns).standard_errors[1], std::sqrt(4.0 + 1 + 0 + 1 + 0) / 10, 1e-14);
  params.covariance = Glm::Covariance::hc1;
  EXPECT_NEAR(fit(params, columns).standard_errors[1], std::sqrt(6.0 * 5 / 3) / 10, 1e-14);
  params.covariance = Glm::Covariance::hc3;  // leverages 0.6, 0.3, 0.2, 0.3, 0.6
  EXPECT_NEAR(fit(params, columns).standard_errors[1], std::sqrt(4 / 0.16 + 1 / 0.49 + 1 / 0.49) / 10, 1e-14);
  EXPECT_THAT(failure(params, {{0, 0, 0, 1}, {1, 2, 3, 4}}), ::testing::HasSubstr("HC3"));
}

TEST(Robust, ClustersOfOneAreRows) {
  const TestContext test;
  Columns columns = planted(200, 9);
  columns.push_back(std::vector<double>(200, 1.0));
  columns.push_back({});
  for (int i = 0; i < 200; ++i) columns.back().push_back(i);
  const MemoryTable table({"x0", "x1", "label", "weight", "cluster"}, columns, 40, test.comm());
  const auto errors = [&](Glm::Covariance covariance) {
    Glm::Params params = logistic;
    params.covariance = covariance;
    const LabelledRows rows{.table = table, .labels = Labels(2), .cluster = 4, .spill_folder = "/tmp"};
    return Glm::fit(params, rows, test.context()).standard_errors;
  };
  const std::vector<double> rows = errors(Glm::Covariance::hc1), clusters = errors(Glm::Covariance::cluster);
  for (std::size_t j = 0; j < rows.size(); ++j) EXPECT_NEAR(clusters[j], rows[j], 1e-13);
}

TEST(Robust, VarianceInflationOfTwoColumns) {
  // Correlation 1.6 / sqrt(4 x 2.08).
  const Glm::Model model = fit(least_squares, {{-1, -1, 1, 1}, {-1, 0.2, -0.2, 1}, {1, 2, 2, 5}});
  const double r2 = 1.6 * 1.6 / (4 * 2.08);
  EXPECT_NEAR(model.vif[1], 1 / (1 - r2), 1e-13);
  EXPECT_NEAR(model.vif[2], 1 / (1 - r2), 1e-13);
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
  const std::vector<std::string> labels = LinearReasons::labels(model.design);
  EXPECT_EQ(labels[static_cast<std::size_t>(scores.reasons[0][0])], "x0 (+)");
  EXPECT_EQ(labels[static_cast<std::size_t>(scores.reasons[1][0])], "x0 (-)");
  EXPECT_EQ(scores.reasons[0][2], -1);
  EXPECT_THROW(Glm::Scorer(model, {"x0"}, {{}}), Error);
  EXPECT_THROW(Glm::Scorer(model, {"x0", "x1"}, {{}, {}}), Error);
}

}  // namespace
}  // namespace cohort::testing
