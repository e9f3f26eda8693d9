// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "algorithms/linear/recipe_fit.hpp"
#include "core/error.hpp"
#include "tests/algorithms/memory_table.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t rows = 300;
const std::vector<std::string> towns{"east", "north", "south"}, houses{"a", "b"};

/// amount, days, town (some missing), house, label, weight (0 for every seventh row).
std::vector<std::vector<double>> sample() {
  std::vector<std::vector<double>> columns(6, std::vector<double>(rows));
  for (std::size_t i = 0; i < rows; ++i) {
    columns[0][i] = i % 13 == 0 ? nan : static_cast<double>(i % 50);
    columns[1][i] = static_cast<double>(i * 7 % 30);
    columns[2][i] = i % 17 == 0 ? nan : static_cast<double>(i % 3);
    columns[3][i] = static_cast<double>(i / 5 % 2);
    columns[4][i] = i * i % 5 < 2 + i % 3 ? 1 : 0;
    columns[5][i] = i % 7 == 6 ? 0 : 1;
  }
  return columns;
}

struct Sample {
  TestContext test{};
  MemoryTable table{{"amount", "days", "town", "house", "label", "weight"}, sample(), 40, test.comm()};
  LabelledRows labelled{.table = table, .labels = {{}, {}, towns, houses}};

  [[nodiscard]] Recipe fit(const Recipe::Params& params) const { return fit_recipe(params, labelled, test.context()); }
};

/// What a recipe makes of all rows, column by column.
std::vector<std::vector<double>> made(const Recipe& recipe, RecipeUse use) {
  const RecipeColumns columns(recipe, {"amount", "days", "town", "house"}, {{}, {}, towns, houses}, use);
  const std::vector<std::vector<double>> values = sample();
  const NumericBlock block{.first_row = 0, .rows = rows, .columns = {values.begin(), values.begin() + 4}};
  std::vector<std::vector<double>> result;
  columns.make(block, 0, rows, result);
  return result;
}

const Recipe::Column& named(const Recipe& recipe, const std::string& name) {
  return *std::ranges::find(recipe.columns, name, &Recipe::Column::name);
}

TEST(Recipe, NoneIsNone) {
  EXPECT_TRUE(Sample{}.fit({}).columns.empty());
}

TEST(Recipe, LogarithmsBinsAndProducts) {
  const Recipe recipe =
      Sample{}.fit({.log1p = {"amount"}, .bins = {"days"}, .interactions = {"amount:days"}, .n_bins = 3});
  const std::vector<std::vector<double>> values = sample(), found = made(recipe, RecipeUse::apply);
  const std::vector<double>& cuts = recipe.columns[1].cuts;
  ASSERT_EQ(cuts.size(), 2U);
  std::map<double, int> sizes;
  for (std::size_t i = 0; i < rows; ++i) {
    EXPECT_EQ(std::isnan(found[0][i]), i % 13 == 0);
    if (i % 13 == 0) continue;
    EXPECT_NEAR(found[0][i], std::log1p(values[0][i]), 1e-14);
    EXPECT_EQ(found[1][i], (values[1][i] >= cuts[0] ? 1 : 0) + (values[1][i] >= cuts[1] ? 1 : 0));
    EXPECT_EQ(found[4][i], values[0][i] * values[1][i]);
    ++sizes[found[1][i]];
  }
  for (const double bin : {0.0, 1.0, 2.0}) EXPECT_NEAR(sizes[bin], 92, 12) << bin;
  EXPECT_EQ(recipe.columns[0].name, "log1p(amount)");
  EXPECT_EQ(recipe.columns[1].name, "days");
}

TEST(Recipe, InteractionsOfCategories) {
  const Recipe recipe = Sample{}.fit({.interactions = {"amount:town", "town:house"}});
  const std::vector<std::vector<double>> values = sample(), found = made(recipe, RecipeUse::apply);
  ASSERT_EQ(recipe.columns.size(), 7U);
  EXPECT_EQ(recipe.columns[4].name, "amount:town=north");
  EXPECT_EQ(recipe.columns[6].levels[3], "north & b");
  for (std::size_t i = 0; i < rows; ++i) {
    if (i % 13 == 0 || i % 17 == 0) continue;
    EXPECT_EQ(found[4][i], i % 3 == 1 ? values[0][i] : 0);
    EXPECT_EQ(found[6][i], values[2][i] * 2 + values[3][i]);
  }
}

/// Mean label of a level among used rows whose fold is not `without`, smoothed.
double smoothed_mean(double level, std::size_t without, double smoothing) {
  const std::vector<std::vector<double>> values = sample();
  double all = 0, labels = 0, here = 0, labels_here = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    if (values[5][i] == 0 || Recipe::fold_of(static_cast<std::int64_t>(i)) == without) continue;
    all += 1;
    labels += values[4][i];
    if (values[2][i] != level && !(std::isnan(level) && std::isnan(values[2][i]))) continue;
    here += 1;
    labels_here += values[4][i];
  }
  return (labels_here + smoothing * labels / all) / (here + smoothing);
}

TEST(Recipe, TargetsAreLearnedFromOtherRows) {
  const Recipe recipe = Sample{}.fit({.target = {"town"}, .smoothing = 5});
  const std::vector<std::vector<double>> values = sample(), learned = made(recipe, RecipeUse::learn),
                                         applied = made(recipe, RecipeUse::apply);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t fold = Recipe::fold_of(static_cast<std::int64_t>(i));
    EXPECT_NEAR(learned[2][i], smoothed_mean(values[2][i], fold, 5), 1e-13) << i;
    EXPECT_NEAR(applied[2][i], smoothed_mean(values[2][i], 99, 5), 1e-13) << i;
  }
  EXPECT_EQ(named(recipe, "target(town)").out_of_fold.size(), 5U);
}

TEST(Recipe, WeightOfEvidenceIsTheLogOfOdds) {
  const Recipe recipe = Sample{}.fit({.woe = {"town"}, .smoothing = 1});
  const std::vector<std::vector<double>> applied = made(recipe, RecipeUse::apply);
  const double all = smoothed_mean(7, 99, 1);  // of no row: the mean of all
  const double north = smoothed_mean(1, 99, 1);
  EXPECT_NEAR(applied[2][1], std::log(north / (1 - north)) - std::log(all / (1 - all)), 1e-12);
}

TEST(Recipe, UnmetLevelsAndHashes) {
  const Recipe recipe = Sample{}.fit({.target = {"town"}, .hash = {"house"}, .n_buckets = 4});
  const RecipeColumns later(recipe, {"house", "town", "days", "amount"}, {{"a", "z"}, {"west"}, {}, {}},
                            RecipeUse::apply);
  const std::vector<double> house{0, 1}, town{0, nan}, number{1, 2};
  std::vector<std::vector<double>> found;
  later.make({.first_row = 0, .rows = 2, .columns = {house, town, number, number}}, 0, 2, found);
  EXPECT_NEAR(found[2][0], smoothed_mean(7, 99, 20), 1e-13) << "as all";
  EXPECT_NEAR(found[2][1], smoothed_mean(nan, 99, 20), 1e-13) << "missing is a level";
  EXPECT_EQ(found[3][0], made(recipe, RecipeUse::apply)[3][0]) << "a label's bucket is its own";
  EXPECT_EQ(later.labels()[3].size(), 4U);
}

TEST(Recipe, ManyLevelsTravelAsOneText) {
  const std::vector<std::string> texts{"", "a b", "c"};
  EXPECT_EQ(Recipe::parted(Recipe::joined(texts)), texts);
  EXPECT_TRUE(Recipe::parted("").empty());
}

TEST(Recipe, RefusesWhatCannotBe) {
  const Sample of;
  EXPECT_THROW((void)of.fit({.log1p = {"town"}}), Error);
  EXPECT_THROW((void)of.fit({.target = {"days"}}), Error);
  EXPECT_THROW((void)of.fit({.hash = {"village"}}), Error);
  EXPECT_THROW((void)of.fit({.target = {"town"}, .hash = {"town"}}), Error);
  EXPECT_THROW((void)of.fit({.interactions = {"amount*days"}}), Error);
  const Recipe recipe = of.fit({.log1p = {"amount"}});
  const std::vector<double> below{-3};
  const RecipeColumns columns(recipe, {"amount", "days", "town", "house"}, {{}, {}, towns, houses}, RecipeUse::apply);
  std::vector<std::vector<double>> found;
  EXPECT_THROW(columns.make({.first_row = 0, .rows = 1, .columns = {below, below, below, below}}, 0, 1, found), Error);
  EXPECT_THROW(RecipeColumns(recipe, {"days"}, {{}}, RecipeUse::apply), Error);
}

}  // namespace
}  // namespace cohort::testing
