// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/weak_slices.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/algorithms/memory_table.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

constexpr std::size_t rows = 3000;

/// The prediction is off by 0.1, and by 3 for old customers of the south; some ages are missing.
std::vector<std::vector<double>> sample() {
  std::vector<std::vector<double>> columns(5, std::vector<double>(rows));
  for (std::size_t i = 0; i < rows; ++i) {
    const double age = static_cast<double>(i * 7 % 64), town = static_cast<double>(i % 3);
    columns[0][i] = i % 50 == 0 ? std::numeric_limits<double>::quiet_NaN() : age;
    columns[1][i] = town;
    columns[2][i] = static_cast<double>(i * 5 % 19);
    columns[3][i] = town == 2 && columns[0][i] >= 48 ? -3 : i % 2 == 0 ? 0.1 : -0.1;
    columns[4][i] = 1;
  }
  return columns;
}

WeakSlices find(const WeakSliceParams& params) {
  const TestContext test;
  const MemoryTable table({"age", "town", "noise", "label", "weight"}, sample(), 200, test.comm());
  const LabelledRows labelled{.table = table, .labels = {{}, {"east", "north", "south"}, {}}};
  const ProfiledFeatures features = profile_features(labelled, 0, test.context());
  const auto predict = [](const NumericBlock& block) {
    return std::vector<double>(static_cast<std::size_t>(block.rows));
  };
  return weak_slices(labelled, features.profiles, predict, RowLoss::squared, params, test.context());
}

TEST(WeakSlices, FindThePlantedOne) {
  const WeakSlices found = find({});
  ASSERT_FALSE(found.slices.empty());
  const WeakSlice* planted = nullptr;
  for (const WeakSlice& slice : found.slices) {
    EXPECT_LE(slice.q_value, 0.05);
    EXPECT_GT(slice.loss, slice.loss_elsewhere);
    if (slice.name.find(" and ") != std::string::npos && slice.name.find("age") != std::string::npos &&
        slice.name.find("town = south") != std::string::npos) {
      planted = &slice;
    }
  }
  ASSERT_NE(planted, nullptr);
  std::int64_t expected = 0;
  const std::vector<std::vector<double>> columns = sample();
  for (std::size_t i = 0; i < rows; ++i) expected += columns[1][i] == 2 && columns[0][i] >= 48 ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(planted->rows), static_cast<double>(expected), 30) << planted->name;
  EXPECT_GT(planted->loss, 7);
  EXPECT_GT(planted->bias, 2);
}

TEST(WeakSlices, SmallOnesAreNotLookedAt) {
  EXPECT_EQ(find({.min_rows = 5000}).looked_at, 0);
  const WeakSlices all = find({.min_rows = 1});
  EXPECT_GT(all.looked_at, find({}).looked_at);
  EXPECT_LE(find({.most = 2}).slices.size(), 2U);
}

}  // namespace
}  // namespace cohort::testing
