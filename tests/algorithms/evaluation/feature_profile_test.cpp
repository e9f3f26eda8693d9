// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/feature_profile.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/algorithms/memory_table.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t rows = 400;

/// A number that tells a little, one that tells all, a category of which a level is rare, a constant, a missing column;
/// then label and weight, 0 for every tenth row.
std::vector<std::vector<double>> sample() {
  std::vector<std::vector<double>> columns(7, std::vector<double>(rows));
  for (std::size_t i = 0; i < rows; ++i) {
    const auto x = static_cast<double>(i);
    const double label = i % 3 == 0 ? 1 : 0;
    columns[0][i] = i % 11 == 0 ? nan : std::floor(std::sin(x) * 5) + label;
    columns[1][i] = label * 1000 + x;
    columns[2][i] = i == 5 ? 3 : static_cast<double>(i % 2);
    columns[3][i] = 7;
    columns[4][i] = nan;
    columns[5][i] = label;
    columns[6][i] = i % 10 == 9 ? 0 : 1;
  }
  return columns;
}

struct Sample {
  explicit Sample(std::vector<std::vector<double>> values = sample())
      : table({"some", "all", "town", "same", "none", "label", "weight"}, std::move(values), 50, test.comm()),
        labelled{.table = table, .labels = {{}, {}, {"north", "south", "unmet", "west"}, {}, {}}} {}
  TestContext test;
  MemoryTable table;
  LabelledRows labelled;
};

/// Ties count half; missing values are the largest, as their bin is the last.
double auc_by_counting(const std::vector<std::vector<double>>& columns, std::size_t j) {
  double wins = 0, pairs = 0;
  for (std::size_t a = 0; a < rows; ++a) {
    for (std::size_t b = 0; b < rows; ++b) {
      if (columns[5][a] == 0 || columns[5][b] == 1 || columns[6][a] == 0 || columns[6][b] == 0) continue;
      const double x = std::isnan(columns[j][a]) ? 1e9 : columns[j][a],
                   y = std::isnan(columns[j][b]) ? 1e9 : columns[j][b];
      pairs += 1;
      wins += x > y ? 1 : x == y ? 0.5 : 0;
    }
  }
  return std::max(wins / pairs, 1 - wins / pairs);
}

TEST(FeatureProfile, TellsWhatAFeatureAloneSays) {
  const Sample of;
  const ProfiledFeatures found = profile_features(of.labelled, 0, of.test.context());
  EXPECT_NEAR(found.alone[0].roc_auc, auc_by_counting(sample(), 0), 1e-14) << "as many bins as values";
  EXPECT_GT(found.alone[1].roc_auc, 0.99);
  EXPECT_LT(found.alone[2].roc_auc, 0.6);
  EXPECT_EQ(found.alone[3].roc_auc, 0.5);
  EXPECT_EQ(found.alone[4].roc_auc, 0.5);
  EXPECT_NEAR(found.alone[4].information_value, 0, 1e-15);
}

TEST(FeatureProfile, SharesAreOfTheUsedRows) {
  const Sample of;
  const ProfiledFeatures found = profile_features(of.labelled, 0, of.test.context());
  const FeatureProfile &town = found.profiles[2], &none = found.profiles[4];
  EXPECT_EQ(town.levels, (std::vector<std::string>{"north", "south", "west"})) << "the most frequent first";
  const std::vector<double> expected{200 / 360.0, 159 / 360.0, 1 / 360.0, 0, 0};
  for (std::size_t bin = 0; bin < expected.size(); ++bin) EXPECT_DOUBLE_EQ(town.shares[bin], expected[bin]) << bin;
  EXPECT_EQ(none.shares, (std::vector<double>{0, 1}));
  EXPECT_EQ(found.profiles[3].cuts, (std::vector<double>{7}));
  EXPECT_EQ(shares_in(found.profiles, of.labelled, of.test.context())[1], found.profiles[1].shares);
}

TEST(FeatureProfile, StabilityIndexSeesAShift) {
  const Sample of;
  std::vector<std::vector<double>> values = sample();
  for (double& x : values[1]) x += 300;
  const Sample later(std::move(values));
  const ProfiledFeatures learned = profile_features(of.labelled, 0, of.test.context());
  const auto shares = shares_in(learned.profiles, later.labelled, later.test.context());
  EXPECT_GT(population_stability_index(learned.profiles[1].shares, shares[1]), 0.25);
  EXPECT_EQ(population_stability_index(learned.profiles[0].shares, shares[0]), 0);
  EXPECT_NEAR(population_stability_index({0.5, 0.5}, {0.25, 0.75}), 0.25 * std::log(3.0), 1e-15);
}

}  // namespace
}  // namespace cohort::testing
