// SPDX-License-Identifier: Apache-2.0
#include "algorithms/statistics/moments.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "tests/algorithms/memory_table.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<ColumnMoments> moments(std::vector<std::vector<double>> columns, std::int64_t rows_per_block) {
  std::vector<std::string> names;
  for (std::size_t j = 0; j < columns.size(); ++j) names.push_back(fmt::format("x{}", j));
  const TestContext test;
  return moments_of(MemoryTable(names, std::move(columns), rows_per_block, test.comm()), test.context());
}

std::vector<double> wave(std::size_t rows, double offset, double scale) {
  std::vector<double> values(rows);
  for (std::size_t i = 0; i < rows; ++i) values[i] = offset + scale * static_cast<double>((i * 7919) % 1009);
  return values;
}

TEST(Moments, EqualNaiveSums) {
  const std::vector<double> values = wave(1000, -3, 0.25);
  long double sum = 0, squares = 0;
  for (const double x : values) sum += x;
  const long double mean = sum / 1000;
  for (const double x : values) squares += (x - mean) * (x - mean);
  const ColumnMoments found = moments({values}, 64)[0];
  EXPECT_EQ(found.count, 1000);
  EXPECT_DOUBLE_EQ(found.mean, static_cast<double>(mean));
  EXPECT_NEAR(found.squares / static_cast<double>(squares), 1, 1e-14);
  EXPECT_EQ(found.min, -3);
  EXPECT_EQ(found.max, -3 + 0.25 * 1008);
  EXPECT_DOUBLE_EQ(found.sample_sd(), std::sqrt(found.squares / 999));
}

TEST(Moments, KeepDigitsOfALargeMean) {
  const ColumnMoments found = moments({wave(4096, 1e9, 1)}, 100)[0];
  const ColumnMoments small = moments({wave(4096, 0, 1)}, 100)[0];
  EXPECT_NEAR(found.population_sd() / small.population_sd(), 1, 1e-13);
}

TEST(Moments, DependOnBlocksOnlyByRounding) {
  const std::vector<double> values = wave(777, 5, 1.7);
  for (const std::int64_t rows : {1, 10, 777, 5000}) {
    EXPECT_NEAR(moments({values}, rows)[0].squares / moments({values}, 100)[0].squares, 1, 1e-14) << rows;
  }
}

TEST(Moments, LeaveOutMissingValues) {
  const auto found = moments({{1, nan, 3}, {nan, nan, nan}, {7, 7, 7}}, 2);
  EXPECT_EQ(found[0].missing, 1);
  EXPECT_EQ(found[0].mean, 2);
  EXPECT_EQ(found[0].population_variance(), 1);
  EXPECT_EQ(found[1].missing, 3);
  EXPECT_TRUE(std::isnan(found[1].mean));
  EXPECT_EQ(found[2].population_sd(), 0);
}

TEST(Moments, OfOneRowAndOfNone) {
  EXPECT_TRUE(std::isnan(moments({{4}}, 10)[0].sample_sd()));
  EXPECT_EQ(moments({{4}}, 10)[0].population_sd(), 0);
  EXPECT_EQ(moments({{}}, 10)[0].count, 0);
}

TEST(Moments, RefuseInfinityAndOverflow) {
  EXPECT_THROW(moments({{1, std::numeric_limits<double>::infinity()}}, 10), Error);
  EXPECT_THROW(moments({{1e300, -1e300}}, 10), Error);
}

}  // namespace
}  // namespace cohort::testing
