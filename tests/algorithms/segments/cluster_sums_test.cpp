// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/cluster_sums.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "algorithms/segments/kmeans_tile.hpp"
#include "core/random.hpp"

namespace cohort::testing {
namespace {

template <class T>
class ClusterSumsOf : public ::testing::Test {};
using Precisions = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ClusterSumsOf, Precisions);

/// One tile of coordinates in [-1, 1], times the reach of their dimension.
template <class T>
std::vector<T> tile_of(const std::vector<double>& reach) {
  RandomStream random(1, "tile", 0);
  std::vector<T> tile;
  for (const double most : reach) {
    for (int p = 0; p < tile_points; ++p) tile.push_back(static_cast<T>(most * (2 * random.uniform() - 1)));
  }
  return tile;
}

TYPED_TEST(ClusterSumsOf, EqualsALoopOfLongDoubles) {
  const std::vector<double> reach{1, 1e-20, 3e30, 0, 17.5};
  const std::vector<TypeParam> tile = tile_of<TypeParam>(reach);
  ClusterSums sums(3, reach);
  std::vector<long double> expected(3 * reach.size());
  for (int p = 0; p < tile_points; ++p) {
    sums.add(tile.data(), p, p % 3, 1);
    for (std::size_t j = 0; j < reach.size(); ++j) {
      expected[static_cast<std::size_t>(p % 3) * reach.size() + j] +=
          static_cast<long double>(tile[j * tile_points + static_cast<std::size_t>(p)]);
    }
  }
  EXPECT_EQ(sums.counts(), (std::vector<std::int64_t>{22, 21, 21}));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double most = reach[i % reach.size()];
    EXPECT_NEAR(sums.sum(static_cast<std::int64_t>(i / reach.size()), static_cast<std::int64_t>(i % reach.size())),
                static_cast<double>(expected[i]), 22 * most * 0x1p-50);
  }
}

TYPED_TEST(ClusterSumsOf, PointsThatLeaveLeaveNothingBehind) {
  const std::vector<double> reach{2, 5e-9};
  const std::vector<TypeParam> tile = tile_of<TypeParam>(reach);
  ClusterSums once(2, reach), moved(2, reach);
  for (int p = 0; p < tile_points; ++p) once.add(tile.data(), p, p < 40 ? 0 : 1, 1);
  for (int p = tile_points - 1; p >= 0; --p) moved.add(tile.data(), p, 1, 1);
  ClusterSums changes(2, reach);
  for (int p = 0; p < 40; ++p) {
    changes.add(tile.data(), p, 1, -1);
    changes.add(tile.data(), p, 0, 1);
  }
  moved.add(changes);
  EXPECT_EQ(moved.counts(), once.counts());
  for (int i = 0; i < 4; ++i) EXPECT_EQ(moved.sum(i / 2, i % 2), once.sum(i / 2, i % 2));
}

TEST(ClusterSums, TheLargestValuesKeepTheirSum) {
  const std::vector<double> reach{1.7e308, 5e-324};
  std::vector<double> tile(2 * tile_points, 0);
  tile[0] = 1.7e308;
  tile[1] = -1.7e308;
  ClusterSums sums(1, reach);
  for (int p = 0; p < 3; ++p) sums.add(tile.data(), p, 0, 1);
  EXPECT_EQ(sums.sum(0, 0), 0);
  EXPECT_EQ(sums.sum(0, 1), 0);
}

}  // namespace
}  // namespace cohort::testing
