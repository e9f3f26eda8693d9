// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/kmeans_kernel.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>

#include "algorithms/segments/packed_points.hpp"
#include "core/isa.hpp"
#include "core/random.hpp"

namespace cohort::testing {
namespace {

struct Sample {
  std::vector<std::vector<double>> columns;
  NumericBlock block;
  Matrix centres;
};

/// Small whole numbers, so that distances are exact and ties are many.
Sample sample(std::int64_t rows, std::int64_t dimensions, std::int64_t centres, double scale = 1) {
  RandomStream random(3, "kernel", static_cast<std::uint64_t>(rows * 100 + dimensions * 10 + centres));
  Sample result{
      std::vector<std::vector<double>>(static_cast<std::size_t>(dimensions)), {}, Matrix(centres, dimensions)};
  for (auto& column : result.columns) {
    for (std::int64_t i = 0; i < rows; ++i) column.push_back(scale * static_cast<double>(random.below(7) - 3));
  }
  for (double& x : result.centres.values) x = scale * static_cast<double>(random.below(7) - 3);
  result.block.rows = rows;
  for (const auto& column : result.columns) result.block.columns.emplace_back(column);
  return result;
}

std::int32_t nearest_by_loops(const Sample& sample, std::size_t row) {
  std::int32_t best = 0;
  double best_distance = INFINITY;
  for (std::int64_t c = 0; c < sample.centres.rows; ++c) {
    double distance = 0;
    for (std::size_t j = 0; j < sample.columns.size(); ++j) {
      distance += std::pow(sample.columns[j][row] - sample.centres.row(c)[j], 2);
    }
    if (distance < best_distance) {
      best_distance = distance;
      best = static_cast<std::int32_t>(c);
    }
  }
  return best;
}

template <class T>
class KMeansKernel : public ::testing::Test {};
using Precisions = ::testing::Types<float, double>;
TYPED_TEST_SUITE(KMeansKernel, Precisions);

TYPED_TEST(KMeansKernel, EqualsLoopsAndPrefersTheLowestLabel) {
  for (const auto& [rows, dimensions, k] : {std::array{1, 1, 1}, {64, 3, 5}, {130, 28, 17}, {100, 9, 64}}) {
    const Sample data = sample(rows, dimensions, k);
    TileBuffer<TypeParam> buffer;
    const PointBlock<TypeParam> block = buffer.pack(data.block);
    const Centroids<TypeParam> centroids(data.centres);
    NearestOfTile<TypeParam> nearest;
    for (std::int64_t t = 0; t < block.tile_count(); ++t) {
      centroids.nearest(block.tile(t), nearest);
      for (std::int64_t p = 0; p < block.rows_in(t); ++p) {
        const auto row = static_cast<std::size_t>(t * tile_points + p);
        EXPECT_EQ(nearest.labels[p], nearest_by_loops(data, row)) << rows << " " << dimensions << " " << k;
      }
    }
  }
}

TYPED_TEST(KMeansKernel, HasTheSameBitsAtEveryInstructionLevel) {
  const Sample data = sample(64, 13, 11, 0.1);
  TileBuffer<TypeParam> buffer;
  const PointBlock<TypeParam> block = buffer.pack(data.block);
  const Isa before = active_isa();
  std::vector<NearestOfTile<TypeParam>> results;
  for (const Isa isa : {Isa::x86_64, Isa::avx2, Isa::avx512}) {
    if (isa > host_isa()) continue;
    set_active_isa(isa);
    Centroids<TypeParam>(data.centres).nearest(block.tile(0), results.emplace_back());
  }
  set_active_isa(before);
  for (std::size_t i = 1; i < results.size(); ++i) {
    EXPECT_EQ(std::memcmp(results[0].scores, results[i].scores, sizeof(results[0].scores)), 0);
    EXPECT_EQ(std::memcmp(results[0].labels, results[i].labels, sizeof(results[0].labels)), 0);
  }
}

TYPED_TEST(KMeansKernel, DistancesEqualLoops) {
  const Sample data = sample(100, 19, 6);
  TileBuffer<TypeParam> buffer;
  const PointBlock<TypeParam> block = buffer.pack(data.block);
  for (std::int64_t t = 0; t < block.tile_count(); ++t) {
    std::array<std::int32_t, tile_points> labels{};
    for (std::size_t p = 0; p < labels.size(); ++p) labels[p] = static_cast<std::int32_t>(p * 5 % 6);
    std::array<double, tile_points> distances{};
    squared_distances(block.tile(t), data.centres, labels, distances);
    for (std::int64_t p = 0; p < block.rows_in(t); ++p) {
      const auto label = labels[static_cast<std::size_t>(p)];
      double distance = 0;
      for (std::size_t j = 0; j < 19; ++j) {
        const double x = data.columns[j][static_cast<std::size_t>(t * tile_points + p)];
        distance += std::pow(x - data.centres.row(label)[j], 2);
      }
      EXPECT_EQ(distances[static_cast<std::size_t>(p)], distance);
    }
  }
}

}  // namespace
}  // namespace cohort::testing
