// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/binary_metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/algorithms/test_context.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort::testing {
namespace {

/// Blocks of ten rows; block b belongs to rank b modulo the ranks.
JudgedRows shared_out(const std::vector<JudgedRow>& all) {
  JudgedRows rows;
  for (std::size_t first = 0, block = 0; first < all.size(); first += 10, ++block) {
    if (static_cast<int>(block) % test_communicator().size() != test_communicator().rank()) continue;
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
    rows.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(std::min<std::size_t>(10, all.size() - first)));
  }
  return rows;
}

BinaryMetrics judge(const std::vector<JudgedRow>& all, const BinaryQuestion& question = {}) {
  const TestContext test;
  const TemporaryFolder folder;
  return binary_metrics(shared_out(all), question, folder.path().string(), test.context());
}

std::vector<JudgedRow> sample(std::size_t rows, int ties) {
  std::vector<JudgedRow> result;
  for (std::size_t i = 0; i < rows; ++i) {
    const double p = std::abs(std::sin(static_cast<double>(i) * 1.7));
    result.push_back({.prediction = ties > 0 ? std::floor(p * ties) / ties : p,
                      .label = std::sin(static_cast<double>(i)) + p > 0.7 ? 1.0 : 0.0,
                      .key = i});
  }
  return result;
}

/// DeLong's placements by counting.
struct Naive {
  double auc = 0, variance = 0, average_precision = 0, log_loss = 0;
  explicit Naive(const std::vector<JudgedRow>& rows) {
    const auto half = [](double a, double b) { return a > b ? 1.0 : a == b ? 0.5 : 0.0; };
    std::vector<double> of_positives, of_negatives;
    for (const JudgedRow& row : rows) {
      double wins = 0, others = 0, above = 0, found = 0;
      for (const JudgedRow& other : rows) {
        if (other.label != row.label) {
          ++others;
          wins += row.label > 0 ? half(row.prediction, other.prediction) : half(other.prediction, row.prediction);
        }
        above += other.prediction >= row.prediction ? 1 : 0;
        found += other.prediction >= row.prediction && other.label > 0 ? 1 : 0;
      }
      (row.label > 0 ? of_positives : of_negatives).push_back(wins / others);
      if (row.label > 0) average_precision += found / above;
      log_loss -= std::log(std::max(row.label > 0 ? row.prediction : 1 - row.prediction, 0x1p-52)) /
                  static_cast<double>(rows.size());
    }
    average_precision /= static_cast<double>(of_positives.size());
    for (const auto& placements : {of_positives, of_negatives}) {
      const auto n = static_cast<double>(placements.size());
      double mean = 0, squares = 0;
      for (const double x : placements) mean += x / n;
      for (const double x : placements) squares += (x - mean) * (x - mean);
      variance += squares / (n - 1) / n;
      auc = mean;
    }
  }
};

TEST(BinaryMetrics, EqualNaiveLoops) {
  for (const int ties : {0, 5, 1}) {
    const std::vector<JudgedRow> rows = sample(237, ties);
    const BinaryMetrics metrics = judge(rows);
    const Naive naive(rows);
    EXPECT_NEAR(metrics[BinaryFigure::roc_auc], naive.auc, 1e-14);
    EXPECT_NEAR(metrics.roc_auc_variance, naive.variance, 1e-15);
    EXPECT_NEAR(metrics[BinaryFigure::average_precision], naive.average_precision, 1e-14);
    EXPECT_NEAR(metrics[BinaryFigure::log_loss], naive.log_loss, 1e-13);
    EXPECT_EQ(metrics.rows, 237);
  }
}

TEST(BinaryMetrics, PerfectOrder) {
  std::vector<JudgedRow> rows;
  for (int i = 0; i < 100; ++i) rows.push_back({i / 100.0, i >= 80 ? 1.0 : 0.0});
  const BinaryMetrics metrics = judge(rows);
  EXPECT_EQ(metrics[BinaryFigure::roc_auc], 1);
  EXPECT_EQ(metrics.roc_auc_variance, 0);
  EXPECT_EQ(metrics[BinaryFigure::ks], 1);
  EXPECT_EQ(metrics[BinaryFigure::average_precision], 1);
  EXPECT_EQ(metrics[BinaryFigure::gain_10], 0.5);
  EXPECT_EQ(metrics[BinaryFigure::lift_10], 5);
  EXPECT_EQ(metrics.of_rows.captured[9], 20);
  EXPECT_EQ(metrics[BinaryFigure::accuracy], 0.7);
  EXPECT_DOUBLE_EQ(metrics[BinaryFigure::f1], 2 * 20.0 / (50 + 20));
}

TEST(BinaryMetrics, ATieAtACutIsSharedOut) {
  std::vector<JudgedRow> rows;
  for (int i = 0; i < 40; ++i) rows.push_back({0.5, i % 4 == 0 ? 1.0 : 0.0});
  const BinaryMetrics metrics = judge(rows);
  EXPECT_EQ(metrics[BinaryFigure::roc_auc], 0.5);
  EXPECT_EQ(metrics.of_rows.captured[0], 1);
  EXPECT_EQ(metrics[BinaryFigure::lift_10], 1);
}

TEST(BinaryMetrics, OneClassOrNoRowsHaveNoCurve) {
  EXPECT_TRUE(std::isnan(judge({{0.5, 1}, {0.25, 1}})[BinaryFigure::roc_auc]));
  EXPECT_EQ(judge({{0.5, 1}, {0.25, 1}})[BinaryFigure::log_loss], std::log(8.0) / 2);
  EXPECT_EQ(judge({}).rows, 0);
  EXPECT_TRUE(std::isnan(judge({})[BinaryFigure::roc_auc]));
}

TEST(BinaryMetrics, CertaintyThatIsWrongCostsMuchButNotInfinitelyMuch) {
  EXPECT_NEAR(judge({{0, 1}, {1, 1}})[BinaryFigure::log_loss], 52 * std::log(2.0) / 2, 1e-13);
}

/// The rows of which scikit-learn 1.x gives the figures below.
std::vector<JudgedRow> weighted_sample() {
  std::vector<JudgedRow> rows;
  for (int i = 0; i < 40; ++i) {
    const double p = (i * 37 % 41) / 41.0;
    rows.push_back({.prediction = p,
                    .label = i * i % 7 + p * 5 > 4 ? 1.0 : 0.0,
                    .weight = 1 + (i % 5) * 0.25 + (i % 3) / 3.0,
                    .key = static_cast<std::uint64_t>(i)});
  }
  return rows;
}

TEST(BinaryMetrics, WithWeightsEqualScikitLearn) {
  const BinaryMetrics metrics = judge(weighted_sample());
  EXPECT_EQ(metrics.positives, 23);
  const std::vector<std::pair<BinaryFigure, double>> expected{
      {BinaryFigure::roc_auc, 0.8455473296816158},   {BinaryFigure::average_precision, 0.9148475591357217},
      {BinaryFigure::log_loss, 0.5069998058324131},  {BinaryFigure::brier, 0.16277139884663128},
      {BinaryFigure::accuracy, 0.7808219178082192},  {BinaryFigure::balanced_accuracy, 0.7870592262923657},
      {BinaryFigure::precision, 0.8558558558558558}, {BinaryFigure::recall, 0.748031496062992},
      {BinaryFigure::f1, 0.7983193277310923},        {BinaryFigure::mcc, 0.5667922621766533},
      {BinaryFigure::kappa, 0.5606820461384152},     {BinaryFigure::ks, 0.6220472440944881}};
  for (const auto& [figure, value] : expected) {
    EXPECT_NEAR(metrics[figure], value, 1e-12) << binary_figure_names[static_cast<std::size_t>(figure)];
  }
}

TEST(BinaryMetrics, AReplicateIsTheRowsItHolds) {
  const std::vector<JudgedRow> rows = weighted_sample();
  constexpr std::int64_t replicates = 40;  // one and a bit of PoissonLanes
  const BinaryMetrics metrics =
      judge(rows, {.bootstrap = {.replicates = replicates, .seed = 7}, .value = 3, .cost = 1});
  std::array<std::vector<double>, binary_figure_count> figures;
  std::array<double, PoissonLanes::lanes> times;
  for (std::size_t r = 0; r < replicates; ++r) {
    std::vector<JudgedRow> held;
    for (JudgedRow row : rows) {
      PoissonLanes(7, r < times.size() ? 0 : std::ssize(times))(row.key, times);
      row.weight *= times[r % times.size()];
      if (row.weight > 0) held.push_back(row);
    }
    const BinaryMetrics of_held = judge(held, {.value = 3, .cost = 1, .threshold = metrics.best_threshold});
    for (std::size_t f = 0; f < figures.size(); ++f) figures[f].push_back(of_held.of_rows.figures[f]);
  }
  for (std::size_t f = 0; f < figures.size(); ++f) {
    const PercentileInterval expected = percentile_interval(figures[f]);
    EXPECT_NEAR(metrics.low[f], expected.low, 1e-11) << binary_figure_names[f];
    EXPECT_NEAR(metrics.high[f], expected.high, 1e-11) << binary_figure_names[f];
  }
}

TEST(BinaryMetrics, TheBestThresholdIsThatOfTheLargestProfit) {
  const std::vector<JudgedRow> rows = sample(237, 20);
  const BinaryMetrics metrics = judge(rows, {.value = 5, .cost = 2});
  double best = 0, threshold = 0;
  for (int step = 20; step >= 0; --step) {
    double profit = 0;
    for (const JudgedRow& row : rows) profit += row.prediction >= step / 20.0 ? row.label * 5 - 2 : 0;
    if (profit > best) {
      best = profit;
      threshold = step / 20.0;
    }
  }
  EXPECT_EQ(metrics[BinaryFigure::profit], best);
  EXPECT_EQ(metrics.best_threshold, threshold);
  EXPECT_TRUE(std::isinf(judge(rows, {.value = 1, .cost = 2}).best_threshold)) << "nobody is worth it";
}

}  // namespace
}  // namespace cohort::testing
