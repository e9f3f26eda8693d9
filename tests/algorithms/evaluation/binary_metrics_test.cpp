// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/binary_metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/algorithms/test_context.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort::testing {
namespace {

/// Row i belongs to rank i / 10 modulo the ranks.
BinaryMetrics judge(const std::vector<JudgedRow>& all) {
  const TestContext test;
  const TemporaryFolder folder;
  return binary_metrics(
      std::ssize(all) / 10 + 1,
      [&](int, std::int64_t block, std::vector<JudgedRow>& rows) {
        if (block % test.comm().size() != test.comm().rank()) return;
        for (auto i = block * 10; i < std::min(std::ssize(all), block * 10 + 10); ++i) {
          rows.push_back(all[static_cast<std::size_t>(i)]);
        }
      },
      folder.path().string(), test.context());
}

std::vector<JudgedRow> sample(std::size_t rows, int ties) {
  std::vector<JudgedRow> result;
  for (std::size_t i = 0; i < rows; ++i) {
    const double p = std::abs(std::sin(static_cast<double>(i) * 1.7));
    result.push_back({ties > 0 ? std::floor(p * ties) / ties : p, std::sin(static_cast<double>(i)) + p > 0.7 ? 1 : 0});
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
        if (other.positive != row.positive) {
          ++others;
          wins +=
              row.positive != 0 ? half(row.probability, other.probability) : half(other.probability, row.probability);
        }
        above += other.probability >= row.probability ? 1 : 0;
        found += other.probability >= row.probability && other.positive != 0 ? 1 : 0;
      }
      (row.positive != 0 ? of_positives : of_negatives).push_back(wins / others);
      if (row.positive != 0) average_precision += found / above;
      log_loss -= std::log(std::max(row.positive != 0 ? row.probability : 1 - row.probability, 0x1p-52)) /
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
    EXPECT_NEAR(metrics.roc_auc, naive.auc, 1e-14);
    EXPECT_NEAR(metrics.roc_auc_variance, naive.variance, 1e-15);
    EXPECT_NEAR(metrics.average_precision, naive.average_precision, 1e-14);
    EXPECT_NEAR(metrics.log_loss, naive.log_loss, 1e-13);
    EXPECT_EQ(metrics.rows, 237);
  }
}

TEST(BinaryMetrics, PerfectOrder) {
  std::vector<JudgedRow> rows;
  for (int i = 0; i < 100; ++i) rows.push_back({i / 100.0, i >= 80 ? 1 : 0});
  const BinaryMetrics metrics = judge(rows);
  EXPECT_EQ(metrics.roc_auc, 1);
  EXPECT_EQ(metrics.roc_auc_variance, 0);
  EXPECT_EQ(metrics.ks, 1);
  EXPECT_EQ(metrics.average_precision, 1);
  EXPECT_EQ(metrics.gain_10(), 0.5);
  EXPECT_EQ(metrics.lift_10(), 5);
  EXPECT_EQ(metrics.captured[9], 20);
  EXPECT_EQ(metrics.accuracy(), 0.7);
  EXPECT_DOUBLE_EQ(metrics.f1(), 2 * 20.0 / (50 + 20));
}

TEST(BinaryMetrics, ATieAtACutIsSharedOut) {
  std::vector<JudgedRow> rows;
  for (int i = 0; i < 40; ++i) rows.push_back({0.5, i % 4 == 0 ? 1 : 0});
  const BinaryMetrics metrics = judge(rows);
  EXPECT_EQ(metrics.roc_auc, 0.5);
  EXPECT_EQ(metrics.captured[0], 1);
  EXPECT_EQ(metrics.lift_10(), 1);
}

TEST(BinaryMetrics, OneClassOrNoRowsHaveNoCurve) {
  EXPECT_TRUE(std::isnan(judge({{0.5, 1}, {0.25, 1}}).roc_auc));
  EXPECT_EQ(judge({{0.5, 1}, {0.25, 1}}).log_loss, std::log(8.0) / 2);
  EXPECT_EQ(judge({}).rows, 0);
  EXPECT_TRUE(std::isnan(judge({}).roc_auc));
}

TEST(BinaryMetrics, CertaintyThatIsWrongCostsMuchButNotInfinitelyMuch) {
  EXPECT_NEAR(judge({{0, 1}, {1, 1}}).log_loss, 52 * std::log(2.0) / 2, 1e-13);
}

}  // namespace
}  // namespace cohort::testing
