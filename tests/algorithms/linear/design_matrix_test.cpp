// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/design_matrix.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "algorithms/linear/gram_tile.hpp"
#include "core/error.hpp"
#include "tests/algorithms/memory_table.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
const std::vector<std::vector<std::string>> labels{{}, {"a", "b", "c"}};

/// A number, a category, the label and the weight; the last row is left out.
FittedDesign fitted(const DesignMatrix::Params& params) {
  const TestContext test;
  const MemoryTable table({"age", "town", "label", "weight"},
                          {{1, 3, nan, 5, 1e9}, {1, 1, 2, nan, 0}, {0, 1, 0, 1, 1}, {1, 1, 1, 2, 0}}, 2, test.comm());
  return fit_design(params, {.table = table, .labels = labels}, test.context());
}

DesignMatrix::Params filled(bool drop_first = true) {
  return {.drop_first = drop_first, .impute = "mean"};
}

TEST(DesignMatrix, LearnsFromRowsThatCount) {
  const FittedDesign result = fitted(filled());
  ASSERT_EQ(result.design.terms.size(), 3U);
  EXPECT_EQ(result.design.terms[0].mean, 3);
  EXPECT_DOUBLE_EQ(result.design.terms[0].sd, std::sqrt(2.0));
  EXPECT_EQ(result.design.features[0].fill, 3);
  EXPECT_EQ(result.design.features[1].levels, (std::vector<std::string>{"b", "c", "(missing)"}));
  EXPECT_EQ(result.design.terms[1].name, "town=c");
  EXPECT_EQ(result.design.terms[2].mean, 0.25);
  EXPECT_EQ(result.label.count, 4);
  EXPECT_EQ(result.largest_weight, 2);
  EXPECT_EQ(fitted(filled(false)).design.terms.size(), 4U);
}

TEST(DesignMatrix, MissingWithoutImputeIsAnError) {
  EXPECT_THROW((void)fitted({}), Error);
}

TEST(DesignEncoder, StandardisesFillsAndPadsWithZeros) {
  const FittedDesign learned = fitted(filled());
  const DesignEncoder encoder(learned.design, {"town", "age"}, {{"zoo", "c"}, {}});
  const std::vector<double> town{1, 0, nan}, age{5, nan, 3};
  std::vector<double> chunk(3 * gram_rows, 9.0);
  encoder.encode({.first_row = 0, .rows = 3, .columns = {town, age}}, 0, chunk.data());
  const auto at = [&](std::int64_t term, std::int64_t row) {
    return chunk[static_cast<std::size_t>(term * gram_rows + row)];
  };
  EXPECT_DOUBLE_EQ(at(0, 0), std::sqrt(2.0));
  EXPECT_EQ(at(0, 1), 0);                                 // filled with the mean
  EXPECT_DOUBLE_EQ(at(1, 0), 0.75 / std::sqrt(0.1875));   // c
  EXPECT_DOUBLE_EQ(at(1, 1), -0.25 / std::sqrt(0.1875));  // unseen
  EXPECT_DOUBLE_EQ(at(2, 2), 0.75 / std::sqrt(0.1875));   // missing is a level
  for (std::int64_t term = 0; term < 3; ++term) EXPECT_EQ(at(term, 3), 0);
}

TEST(DesignEncoder, RefusesByName) {
  FittedDesign learned = fitted(filled());
  const std::vector<double> town{0}, infinite{HUGE_VAL}, age{1};
  std::vector<double> chunk(3 * gram_rows);
  const auto failure = [&](const std::vector<double>& ages) -> std::string {
    try {
      const DesignEncoder encoder(learned.design, {"age", "town"}, {{}, {"zoo"}});
      encoder.encode({.first_row = 40, .rows = 1, .columns = {ages, town}}, 0, chunk.data());
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(failure(infinite), ::testing::HasSubstr("column age is infinite in row 40"));
  learned.design.refuses_unseen = 1;
  EXPECT_THAT(failure(age), ::testing::HasSubstr("column town, row 40"));
}

}  // namespace
}  // namespace cohort::testing
