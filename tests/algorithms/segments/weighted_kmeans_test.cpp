// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/weighted_kmeans.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace cohort::testing {
namespace {

Matrix line(std::vector<double> points) {
  Matrix result(static_cast<std::int64_t>(points.size()), 1);
  result.values = std::move(points);
  return result;
}

std::vector<double> centres(const Matrix& points, const std::vector<double>& weights, std::int64_t k, int threads) {
  std::vector<double> values = weighted_kmeans(points, weights, k, 1, "test", 8, threads).values;
  std::sort(values.begin(), values.end());
  return values;
}

TEST(WeightedKMeans, MeansAreWeighted) {
  EXPECT_EQ(centres(line({0, 4, 100}), {3, 1, 5}, 2, 1), (std::vector<double>{1, 100}));
}

TEST(WeightedKMeans, LeavesOutPointsWithoutWeight) {
  EXPECT_EQ(centres(line({0, 4, 1000, 100}), {3, 1, 0, 5}, 2, 1), (std::vector<double>{1, 100}));
}

TEST(WeightedKMeans, IsTheSameForAnyThreads) {
  std::vector<double> points, weights;
  for (int i = 0; i < 200; ++i) {
    points.push_back(i * 37 % 101);
    weights.push_back(1 + i % 5);
  }
  EXPECT_EQ(centres(line(points), weights, 9, 1), centres(line(points), weights, 9, 4));
}

TEST(WeightedKMeans, GivesEveryPointWhenAllAreCentres) {
  EXPECT_EQ(centres(line({5, 1, 3}), {1, 1, 1}, 3, 1), (std::vector<double>{1, 3, 5}));
}

}  // namespace
}  // namespace cohort::testing
