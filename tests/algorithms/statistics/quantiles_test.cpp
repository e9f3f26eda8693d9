// SPDX-License-Identifier: Apache-2.0
#include "algorithms/statistics/quantiles.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/random.hpp"
#include "tests/algorithms/memory_table.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> quantiles(const std::vector<double>& values, const std::vector<double>& probabilities) {
  const TestContext test;
  return quantiles_of(MemoryTable({"x"}, {values}, 37, test.comm()), probabilities, test.context())[0];
}

/// numpy.quantile by its definition.
double oracle(std::vector<double> values, double p) {
  std::erase_if(values, [](double x) { return std::isnan(x); });
  std::sort(values.begin(), values.end());
  const double position = p * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const double share = position - std::floor(position);
  const double low = values[below], high = values[std::min(below + 1, values.size() - 1)];
  return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share);
}

TEST(Quantiles, EqualSortingForAllKindsOfNumbers) {
  std::vector<double> values = {0.0, -0.0, 1e-310, -1e300, 1e300, nan, 3, 3, 3, 4};
  RandomStream random(1, "test", 0);
  for (int i = 0; i < 500; ++i) values.push_back(random.normal() * (i % 3 == 0 ? 1e6 : 1e-3));
  const std::vector<double> probabilities = {0, 0.01, 0.25, 1.0 / 3, 0.5, 0.75, 0.9, 0.999, 1};
  const std::vector<double> found = quantiles(values, probabilities);
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    EXPECT_EQ(found[i], oracle(values, probabilities[i])) << probabilities[i];
  }
}

// numpy.quantile([1, 2, 4, 8, 16], [.1, .5, .62, .95]), numpy 2.4
TEST(Quantiles, EqualNumpy) {
  const std::vector<double> found = quantiles({16, 1, 4, 8, 2}, {0.1, 0.5, 0.62, 0.95});
  EXPECT_DOUBLE_EQ(found[0], 1.4);
  EXPECT_DOUBLE_EQ(found[1], 4);
  EXPECT_DOUBLE_EQ(found[2], 5.92);
  EXPECT_DOUBLE_EQ(found[3], 14.4);
}

TEST(Quantiles, OfFewOrNoValues) {
  EXPECT_EQ(quantiles({5}, {0.3})[0], 5);
  EXPECT_EQ(quantiles({nan, 5}, {0.3})[0], 5);
  EXPECT_TRUE(std::isnan(quantiles({nan, nan}, {0.3})[0]));
  EXPECT_TRUE(std::isnan(quantiles({}, {0.3})[0]));
}

TEST(Quantiles, OfManyColumnsWithManyPrefixesTakeMorePasses) {
  std::vector<std::string> names;
  std::vector<std::vector<double>> columns;
  for (int j = 0; j < 2; ++j) {
    names.push_back(fmt::format("x{}", j));
    RandomStream random(7, "test", static_cast<std::uint64_t>(j));
    std::vector<double>& values = columns.emplace_back();
    for (int i = 0; i < 300; ++i) values.push_back(random.normal() * std::pow(10, i % 20));
  }
  std::vector<double> probabilities;
  for (int i = 1; i < 40; ++i) probabilities.push_back(i / 40.0);
  const TestContext test;
  const auto found = quantiles_of(MemoryTable(names, columns, 50, test.comm()), probabilities, test.context());
  for (std::size_t j = 0; j < columns.size(); ++j) {
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
      EXPECT_EQ(found[j][i], oracle(columns[j], probabilities[i]));
    }
  }
}

/// Columns of which the store would know bounds and scale; the last one is of any numbers.
class GridTable final : public MemoryTable {
 public:
  GridTable(const std::vector<std::vector<double>>& values, std::vector<NumericGrid> grids, const Communicator& comm)
      : MemoryTable(std::vector<std::string>(values.size(), "x"), values, 5000, comm), grids_(std::move(grids)) {}
  [[nodiscard]] std::optional<NumericGrid> grid(std::size_t column) const override {
    return column < grids_.size() ? std::optional(grids_[column]) : std::nullopt;
  }

 private:
  std::vector<NumericGrid> grids_;
};

TEST(Quantiles, OfManyWholeNumbersWithinBoundsEqualSorting) {
  // Few values, cents around zero, one value, numbers far apart, large ones beyond what is exact, and no grid.
  const std::vector<NumericGrid> grids{
      {1, 90, 1}, {-70'000, 5'000'000, 100}, {7, 7, 10}, {-(1LL << 47), 1LL << 47, 1e4}, {0, 1LL << 52, 1}};
  std::vector<std::vector<double>> columns(grids.size() + 1);
  RandomStream random(3, "test", 0);
  for (int i = 0; i < 30'000; ++i) {
    for (std::size_t j = 0; j < grids.size(); ++j) {
      const double width = static_cast<double>(grids[j].high - grids[j].low);
      const auto number = grids[j].low + static_cast<std::int64_t>(std::pow(random.uniform(), 3) * width);
      columns[j].push_back(i % 50 == 1 ? nan : static_cast<double>(number) / grids[j].divisor);
    }
    columns.back().push_back(i % 3 == 0 ? random.normal() : 0.5);
  }
  for (std::size_t j = 0; j < grids.size(); ++j) columns[j][0] = static_cast<double>(grids[j].high) / grids[j].divisor;
  const std::vector<double> probabilities = {0, 0.01, 0.25, 0.5, 0.75, 0.99, 1};
  const TestContext test;
  const auto found = quantiles_of(GridTable(columns, grids, test.comm()), probabilities, test.context());
  for (std::size_t j = 0; j < columns.size(); ++j) {
    for (std::size_t i = 0; i < probabilities.size(); ++i)
      EXPECT_EQ(found[j][i], oracle(columns[j], probabilities[i])) << j << " at " << probabilities[i];
  }
}

}  // namespace
}  // namespace cohort::testing
