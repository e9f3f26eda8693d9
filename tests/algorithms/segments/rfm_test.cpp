// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/rfm.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "core/error.hpp"
#include "tests/algorithms/memory_table.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

MemoryTable hundred_customers() {
  std::vector<double> recency, frequency, monetary;
  for (int i = 1; i <= 100; ++i) {
    recency.push_back(i);
    frequency.push_back(i <= 40 ? 1 : i);
    monetary.push_back(10.0 * i);
  }
  return {{"monetary", "recency_days", "frequency"}, {monetary, recency, frequency}, 7, test_communicator()};
}

Rfm::Model fit(const Rfm::Params& params, const MemoryTable& table) {
  const TestContext test;
  return Rfm::fit(params, table, test.context());
}

Rfm::Assignment assign(const Rfm::Model& model, double recency, double frequency, double monetary) {
  const std::vector<double> r = {recency}, f = {frequency}, m = {monetary};
  return Rfm::assign(model, Rfm::columns(), {.rows = 1, .columns = {r, f, m}});
}

TEST(Rfm, CutsAreQuantiles) {
  const Rfm::Model model = fit({}, hundred_customers());
  const std::vector<double> expected = {20.8, 40.6, 60.4, 80.2};
  ASSERT_EQ(model.cuts.size(), 3U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(model.cuts[0][i], expected[i], 1e-12);
    EXPECT_NEAR(model.cuts[2][i], 10 * expected[i], 1e-11);
  }
  EXPECT_EQ(model.cuts[1][0], 1);
  EXPECT_NEAR(model.tier_cuts[0], 505, 1e-10);
}

TEST(Rfm, ScoresRunFromWorstToBest) {
  const Rfm::Model model = fit({}, hundred_customers());
  const Rfm::Assignment best = assign(model, 1, 100, 1000), worst = assign(model, 100, 1, 10);
  EXPECT_EQ(fmt::format("{}{}{}", best.r[0], best.f[0], best.m[0]), "555");
  EXPECT_EQ(fmt::format("{}{}{}", worst.r[0], worst.f[0], worst.m[0]), "111");
  EXPECT_EQ(Rfm::segment_names()[static_cast<std::size_t>(best.segments[0])], "Champions");
  EXPECT_EQ(Rfm::segment_names()[static_cast<std::size_t>(worst.segments[0])], "Lost");
  EXPECT_EQ(Rfm::tier_names()[static_cast<std::size_t>(best.tiers[0])], "Platinum");
  EXPECT_EQ(Rfm::tier_names()[static_cast<std::size_t>(worst.tiers[0])], "Bronze");
}

TEST(Rfm, FixedCutsNameEverySegment) {
  const std::vector<double> cuts = {1, 2, 3, 4};
  const Rfm::Model model = fit({.cuts = {cuts, cuts, cuts}}, hundred_customers());
  std::set<std::int32_t> segments;
  for (int r = 1; r <= 5; ++r) {
    for (int fm = 1; fm <= 5; ++fm) segments.insert(assign(model, 6 - r, fm, fm).segments[0]);
  }
  EXPECT_EQ(segments.size(), Rfm::segment_names().size());
  EXPECT_EQ(assign(model, 5, 5, 5).segments[0], 8);    // Cannot Lose Them
  EXPECT_EQ(assign(model, 1, 1, 1).segments[0], 3);    // New Customers
  EXPECT_EQ(assign(model, 4.5, 3, 4).segments[0], 7);  // At Risk: 3 and 4 round up to 4
}

TEST(Rfm, AnyNumberOfBinsKeepsBestAndWorst) {
  for (const std::int64_t bins : {2, 3, 4, 10}) {
    const Rfm::Model model = fit({.n_bins = bins}, hundred_customers());
    EXPECT_EQ(assign(model, 1, 100, 1000).segments[0], 0) << bins;
    EXPECT_EQ(assign(model, 1, 100, 1000).r[0], bins);
    EXPECT_EQ(assign(model, 100, 1, 10).r[0], 1);
  }
}

TEST(Rfm, MissingValuesHaveNoScore) {
  const Rfm::Assignment none = assign(fit({}, hundred_customers()), 3, nan, 5);
  EXPECT_EQ(none.r[0], 0);
  EXPECT_EQ(none.segments[0], -1);
  EXPECT_EQ(none.tiers[0], -1);
}

TEST(Rfm, RefusesWrongCutsAndMissingColumns) {
  EXPECT_THROW(fit({.cuts = {{1, 2, 3, 4}, {1, 2, 3, 4}}}, hundred_customers()), Error);
  EXPECT_THROW(fit({.cuts = {{1, 2, 3, 4}, {1, 2, 2, 4}, {1, 2, 3, 4}}}, hundred_customers()), Error);
  EXPECT_THROW(fit({}, MemoryTable({"recency_days", "frequency"}, {{1}, {1}}, 1, test_communicator())), Error);
  EXPECT_THROW(fit({}, MemoryTable(Rfm::columns(), {{}, {}, {}}, 1, test_communicator())), Error);
}

}  // namespace
}  // namespace cohort::testing
