// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/paired_means.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/random.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

constexpr std::size_t models = 3, figures = 2, size = models * figures;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Row {
  double weight = 1;
  std::array<double, size> values{};
};

std::vector<Row> drawn(std::size_t count, double shift = 0) {
  std::vector<Row> rows(count);
  for (std::size_t i = 0; i < count; ++i) {
    RandomStream stream(5, "paired_means_test", i);
    rows[i].weight = 1 + static_cast<double>(stream.below(3));
    const double common = stream.normal();
    for (double& value : rows[i].values) value = common + stream.normal() + shift;
  }
  return rows;
}

/// Blocks of seven rows, each on rank block modulo size.
PairedMeans found(const std::vector<Row>& rows, int threads = 2) {
  const TestContext test(threads);
  constexpr std::size_t block_rows = 7;
  std::vector<RowFigures> mine;
  for (std::size_t first = 0, b = 0; first < rows.size(); first += block_rows, ++b) {
    if (static_cast<int>(b) % test.comm().size() != test.comm().rank()) continue;
    mine.emplace_back();
    for (std::size_t i = first; i < std::min(first + block_rows, rows.size()); ++i) {
      mine.back().weights.push_back(rows[i].weight);
      mine.back().values.insert(mine.back().values.end(), rows[i].values.begin(), rows[i].values.end());
    }
  }
  return paired_means(
      std::ssize(mine), models, figures, [&](int, std::int64_t b) { return mine[static_cast<std::size_t>(b)]; },
      test.context());
}

PairedMean naive(const std::vector<Row>& rows, std::size_t at) {
  PairedMean result;
  double weight = 0, squares = 0;
  for (const Row& row : rows) {
    const double difference = row.values[at] - row.values[at % figures];
    weight += row.weight;
    result.mean += row.weight * row.values[at];
    result.difference += row.weight * difference;
    result.higher += difference > 0 ? 1 : 0;
    result.lower += difference < 0 ? 1 : 0;
  }
  result.mean /= weight;
  result.difference /= weight;
  for (const Row& row : rows) {
    squares += std::pow(row.weight * (row.values[at] - row.values[at % figures] - result.difference), 2);
  }
  const auto n = static_cast<double>(rows.size());
  result.standard_error = std::sqrt(squares * n / (n - 1)) / weight;
  result.p_value = std::erfc(std::abs(result.difference) / result.standard_error / std::sqrt(2.0));
  return result;
}

TEST(PairedMeans, EqualTheFormulasRowByRow) {
  // Far from 0, where sums of squares that are not centred would lose all digits.
  for (const double shift : {0.0, 1e7}) {
    const std::vector<Row> rows = drawn(200, shift);
    const PairedMeans means = found(rows);
    EXPECT_EQ(means.rows, 200);
    ASSERT_EQ(means.figures.size(), size);
    for (std::size_t at = figures; at < size; ++at) {
      const PairedMean &of = means.figures[at], expected = naive(rows, at);
      EXPECT_NEAR(of.mean, expected.mean, 1e-14 * (1 + shift));
      EXPECT_NEAR(of.difference, expected.difference, 1e-13);
      EXPECT_NEAR(of.standard_error, expected.standard_error, 1e-13);
      EXPECT_NEAR(of.p_value, expected.p_value, 1e-10);
      EXPECT_EQ(of.higher, expected.higher);
      EXPECT_EQ(of.lower, expected.lower);
    }
  }
}

TEST(PairedMeans, AreTheSameBitsOnOneThread) {
  const std::vector<Row> rows = drawn(100);
  const PairedMeans two = found(rows), one = found(rows, 1);
  for (std::size_t at = 0; at < size; ++at) {
    EXPECT_EQ(two.figures[at].mean, one.figures[at].mean);
    EXPECT_EQ(two.figures[at].standard_error, one.figures[at].standard_error);
  }
}

TEST(PairedMeans, AModelEqualsItselfAndAConstantDifferenceIsNoChance) {
  std::vector<Row> rows = drawn(30);
  for (Row& row : rows) {
    row.values[2] = row.values[0];
    row.values[0] = std::round(row.values[0]);
    row.values[4] = row.values[0] + 1;
    row.values[3] = row.values[1];
  }
  const PairedMeans means = found(rows);
  EXPECT_EQ(means.figures[3].difference, 0);
  EXPECT_EQ(means.figures[3].p_value, 1);
  EXPECT_EQ(means.figures[4].difference, 1);
  EXPECT_EQ(means.figures[4].standard_error, 0);
  EXPECT_EQ(means.figures[4].p_value, 0);
}

TEST(PairedMeans, AFigureThatARowLacksIsNone) {
  std::vector<Row> rows = drawn(30);
  rows[11].values[1] = rows[12].values[4] = nan;
  const PairedMeans means = found(rows);
  EXPECT_TRUE(std::isnan(means.figures[1].mean));
  EXPECT_FALSE(std::isnan(means.figures[3].mean));
  EXPECT_TRUE(std::isnan(means.figures[3].difference)) << "the first model's is undefined";
  EXPECT_TRUE(std::isnan(means.figures[3].p_value));
  EXPECT_TRUE(std::isnan(means.figures[4].mean));
  EXPECT_NEAR(means.figures[2].p_value, naive(rows, 2).p_value, 1e-10);
}

TEST(PairedMeans, OneRowAndNone) {
  const PairedMeans one = found(drawn(1));
  EXPECT_EQ(one.rows, 1);
  EXPECT_FALSE(std::isnan(one.figures[2].difference));
  EXPECT_TRUE(std::isnan(one.figures[2].standard_error));
  EXPECT_TRUE(std::isnan(one.figures[2].p_value));
  const PairedMeans none = found({});
  EXPECT_EQ(none.rows, 0);
  EXPECT_TRUE(std::isnan(none.figures[2].mean));
}

TEST(PairedMeans, RefuseInfinity) {
  std::vector<Row> rows = drawn(20);
  rows[13].values[2] = std::numeric_limits<double>::infinity();
  EXPECT_THROW((void)found(rows), Error);
}

}  // namespace
}  // namespace cohort::testing
