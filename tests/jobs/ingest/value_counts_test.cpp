// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/value_counts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/random.hpp"

namespace cohort {
namespace {

TEST(OrderedBits, KeepOrderAndComeBack) {
  const std::vector<double> ascending{-1e308, -2, -5e-324, 0, 5e-324, 0.5, 2, 1e308};
  for (const double value : ascending) EXPECT_EQ(from_ordered_bits(ordered_bits(value)), value);
  EXPECT_TRUE(std::is_sorted(ascending.begin(), ascending.end(),
                             [](double a, double b) { return ordered_bits(a) < ordered_bits(b); }));
}

Distribution of(const std::vector<std::int64_t>& values) {
  Distribution distribution;
  for (const std::int64_t value : values) distribution.add(value, 1);
  return distribution;
}

TEST(Distribution, EqualsPlainLoops) {
  RandomStream random(7, "test", 0);
  for (const std::int64_t count : {1, 2, 5, 100}) {
    std::vector<std::int64_t> values;
    for (std::int64_t i = 0; i < count; ++i) values.push_back(random.below(30) - 15);
    const Distribution distribution = of(values);
    std::sort(values.begin(), values.end());
    EXPECT_EQ(distribution.rows(), count);
    EXPECT_EQ(distribution.lower_median(), values[static_cast<std::size_t>((count - 1) / 2)]);
    double sum = 0, squares = 0;
    for (const std::int64_t value : values) sum += static_cast<double>(value);
    const double mean = sum / static_cast<double>(count);
    for (const std::int64_t value : values)
      squares += (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean);
    EXPECT_NEAR(distribution.mean(false), mean, 1e-12);
    EXPECT_NEAR(distribution.deviation(false), count > 1 ? std::sqrt(squares / static_cast<double>(count - 1)) : 0,
                1e-12);
    for (const double q : {0.0, 0.25, 0.5, 0.9, 1.0}) {
      const double place = q * static_cast<double>(count - 1);
      const auto below = static_cast<std::size_t>(place);
      const auto above = std::min(below + 1, values.size() - 1);
      const double share = place - std::floor(place);
      EXPECT_NEAR(distribution.quantile(q, false),
                  static_cast<double>(values[below]) * (1 - share) + static_cast<double>(values[above]) * share, 1e-9);
    }
  }
}

TEST(Distribution, ModeIsTheLeastOfTheMostFrequent) {
  EXPECT_EQ(of({3, 1, 3, 1, 2}).mode(), 1);
  EXPECT_EQ(of({-4, 9, 9}).mode(), 9);
}

TEST(Distribution, WeighsValuesByTheirRows) {
  Distribution distribution;
  distribution.add(1, 3'000'000'000);
  distribution.add(10, 1'000'000'000);
  EXPECT_EQ(distribution.lower_median(), 1);
  EXPECT_DOUBLE_EQ(distribution.mean(false), 3.25);
  EXPECT_DOUBLE_EQ(distribution.absolute_deviation(1, false), 0);
  EXPECT_DOUBLE_EQ(distribution.absolute_deviation(10, false), 9);
}

TEST(Distribution, OfDoubles) {
  Distribution distribution;
  for (const double value : {-1.5, 0.25, 4.0}) distribution.add(ordered_bits(value), 1);
  EXPECT_DOUBLE_EQ(distribution.quantile(0.5, true), 0.25);
  EXPECT_DOUBLE_EQ(distribution.quantile(0.75, true), 2.125);
  EXPECT_DOUBLE_EQ(distribution.absolute_deviation(0.25, true), 1.75);
}

}  // namespace
}  // namespace cohort
