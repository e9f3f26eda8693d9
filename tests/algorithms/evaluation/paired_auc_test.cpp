// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/paired_auc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/random.hpp"
#include "tests/algorithms/test_context.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort::testing {
namespace {

struct Row {
  std::array<double, 2> score;
  std::int64_t positive;
};

/// Scores with ties: the first says something of the class, the second more.
std::vector<Row> judged(std::size_t count) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < count; ++i) {
    RandomStream stream(3, "paired_auc_test", i);
    const std::int64_t positive = stream.uniform() < 0.3 ? 1 : 0;
    const double common = stream.normal();
    const auto score = [&](double effect) {
      return std::round(4 * (common + stream.normal() + effect * static_cast<double>(positive))) / 4;
    };
    rows.push_back({{score(0.5), score(1)}, positive});
  }
  return rows;
}

double wins(double above, double below) {
  return above > below ? 1 : above == below ? 0.5 : 0;
}

/// DeLong's formulas as they are printed.
PairedAuc naive(const std::vector<Row>& rows) {
  std::array<std::array<std::vector<double>, 2>, 2> placed;  // by classifier and class
  std::array<double, 2> counts{};
  for (const Row& row : rows) ++counts[static_cast<std::size_t>(row.positive)];
  for (const Row& row : rows) {
    for (const std::size_t k : {0U, 1U}) {
      double share = 0;
      for (const Row& other : rows) {
        if (other.positive == row.positive) continue;
        share += row.positive != 0 ? wins(row.score[k], other.score[k]) : wins(other.score[k], row.score[k]);
      }
      placed[k][static_cast<std::size_t>(row.positive)].push_back(share / counts[row.positive != 0 ? 0 : 1]);
    }
  }
  PairedAuc result;
  double variance = 0;
  for (const std::size_t of_class : {0U, 1U}) {
    const std::size_t size = placed[0][of_class].size();
    double mean = 0, squares = 0;
    for (std::size_t i = 0; i < size; ++i) mean += placed[1][of_class][i] - placed[0][of_class][i];
    mean /= static_cast<double>(size);
    for (std::size_t i = 0; i < size; ++i) {
      squares += std::pow(placed[1][of_class][i] - placed[0][of_class][i] - mean, 2);
    }
    variance += squares / static_cast<double>(size - 1) / static_cast<double>(size);
    result.difference = mean;
  }
  result.standard_error = std::sqrt(variance);
  return result;
}

PairedAuc compared(const std::vector<Row>& rows) {
  const TestContext test;
  const TemporaryFolder folder;
  constexpr std::size_t block = 7;
  PairedScores mine;
  for (std::size_t begin = 0, b = 0; begin < rows.size(); begin += block, ++b) {
    if (static_cast<int>(b) % test.comm().size() != test.comm().rank()) continue;
    for (auto& scores : mine.scores) scores.emplace_back();
    mine.positives.emplace_back();
    for (std::size_t i = begin; i < std::min(begin + block, rows.size()); ++i) {
      for (const std::size_t k : {0U, 1U}) mine.scores[k].back().push_back(rows[i].score[k]);
      mine.positives.back().push_back(rows[i].positive);
    }
  }
  return paired_auc(mine, folder.path().string(), test.context());
}

TEST(PairedAuc, EqualsTheFormulasRowByRow) {
  const std::vector<Row> rows = judged(200);
  const PairedAuc found = compared(rows), expected = naive(rows);
  EXPECT_NEAR(found.difference, expected.difference, 1e-14);
  EXPECT_NEAR(found.roc_auc[1] - found.roc_auc[0], expected.difference, 1e-14);
  EXPECT_NEAR(found.standard_error, expected.standard_error, 1e-14);
  EXPECT_NEAR(found.p_value, std::erfc(std::abs(expected.difference) / expected.standard_error / std::sqrt(2.0)),
              1e-10);
}

TEST(PairedAuc, PerfectAgainstWorthless) {
  std::vector<Row> rows;
  for (int i = 0; i < 10; ++i) rows.push_back({{0.5, static_cast<double>(i)}, i < 5 ? 0 : 1});
  const PairedAuc found = compared(rows);
  EXPECT_EQ(found.roc_auc, (std::array<double, 2>{0.5, 1}));
}

TEST(PairedAuc, AModelEqualsItself) {
  std::vector<Row> rows = judged(50);
  for (Row& row : rows) row.score[1] = row.score[0];
  const PairedAuc found = compared(rows);
  EXPECT_EQ(found.difference, 0);
  EXPECT_EQ(found.p_value, 1);
}

}  // namespace
}  // namespace cohort::testing
