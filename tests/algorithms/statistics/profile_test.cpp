// SPDX-License-Identifier: Apache-2.0
#include "algorithms/statistics/profile.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/random.hpp"
#include "tests/algorithms/memory_table.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<std::int32_t> by_row_number(const NumericBlock& block) {
  std::vector<std::int32_t> labels;
  for (std::int64_t i = 0; i < block.rows; ++i)
    labels.push_back(static_cast<std::int32_t>((block.first_row + i) % 4) - 1);
  return labels;
}

TEST(Profile, EqualsLoops) {
  std::vector<double> spend;
  for (std::uint64_t i = 0; i < 400; ++i) spend.push_back(1e6 + RandomStream(1, "spend", i).normal());
  spend[5] = nan;
  const MemoryTable table({"spend"}, {spend}, 33, test_communicator());
  const TestContext test;
  const SegmentProfiles found = profile_segments(table, 3, by_row_number, test.context());
  EXPECT_EQ(found.unassigned, 100);
  for (std::size_t s = 0; s < 3; ++s) {
    double count = 0, sum = 0, squares = 0;
    for (std::size_t i = s + 1; i < 400; i += 4) {
      if (std::isnan(spend[i])) continue;
      ++count;
      sum += spend[i] - 1e6;
    }
    for (std::size_t i = s + 1; i < 400; i += 4) {
      if (!std::isnan(spend[i])) squares += std::pow(spend[i] - 1e6 - sum / count, 2);
    }
    const ColumnProfile& profile = found.segments[s][0];
    const double mean = 1e6 + sum / count;
    EXPECT_EQ(found.sizes[s], 100);
    EXPECT_EQ(found.shares[s], 0.25);
    EXPECT_EQ(static_cast<double>(profile.count), count);
    EXPECT_NEAR(profile.mean, mean, 1e-8);
    EXPECT_NEAR(profile.sd, std::sqrt(squares / count), 1e-8);
    EXPECT_NEAR(profile.total, mean * count, 1e-6);
    EXPECT_NEAR(profile.z, (mean - found.population[0].mean) / found.population[0].population_sd(), 1e-8);
    EXPECT_NEAR(profile.index, 100 * mean / found.population[0].mean, 1e-10);
  }
}

TEST(Profile, HasTheSameBitsAtAnyNumberOfRanks) {
  std::vector<double> spend;
  for (std::uint64_t i = 0; i < 400; ++i) spend.push_back(RandomStream(1, "spend", i).normal());
  const TestContext test;
  const MemoryTable table({"spend"}, {spend}, 33, test_communicator());
  const SegmentProfiles found = profile_segments(table, 3, by_row_number, test.context());
  EXPECT_EQ(fmt::format("{:a} {:a}", found.segments[2][0].total, found.segments[0][0].sd),
            "0x1.db01897cd4feap+2 0x1.0377ba3604d5p+0");
}

TEST(Profile, OfAnEmptySegmentIsNaN) {
  const MemoryTable table({"x"}, {{1, 2}}, 1, test_communicator());
  const TestContext test;
  const auto all_in_first = [](const NumericBlock& block) {
    return std::vector<std::int32_t>(static_cast<std::size_t>(block.rows), 0);
  };
  const SegmentProfiles found = profile_segments(table, 2, all_in_first, test.context());
  EXPECT_EQ(found.segments[1][0].count, 0);
  EXPECT_EQ(found.segments[1][0].total, 0);
  EXPECT_TRUE(std::isnan(found.segments[1][0].mean));
  EXPECT_EQ(found.segments[0][0].index, 100);
  EXPECT_EQ(found.segments[0][0].z, 0);
}

}  // namespace
}  // namespace cohort::testing
