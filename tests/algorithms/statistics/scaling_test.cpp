// SPDX-License-Identifier: Apache-2.0
#include "algorithms/statistics/scaling.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "tests/algorithms/memory_table.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

const std::vector<std::vector<double>> columns = {{0, 1, 2, 3, 10}, {7, 7, 7, 7, 7}, {-1, 0, 1, 0, 0}};
const std::vector<std::string> names = {"spend", "constant", "change"};

FittedScaling fitted(const Scaling::Params& params, const std::vector<std::string>& features = {}) {
  const TestContext test;
  return fit_scaling(params, features, MemoryTable(names, columns, 2, test.comm()), test.context());
}

TEST(Scaling, StandardHasMeanZeroAndUnitSd) {
  const FittedScaling result = fitted({.scale = "standard"});
  EXPECT_EQ(result.scaling.columns[0].shift, 3.2);
  EXPECT_DOUBLE_EQ(result.scaling.columns[0].divisor, std::sqrt(12.56));
  EXPECT_DOUBLE_EQ(result.moments[0].population_variance(), 1);
}

TEST(Scaling, RobustUsesMedianAndQuartiles) {
  const FittedScaling result = fitted({.scale = "robust"});
  EXPECT_EQ(result.scaling.columns[0].shift, 2);
  EXPECT_EQ(result.scaling.columns[0].divisor, 2);
}

TEST(Scaling, ConstantColumnBecomesZero) {
  for (const char* scale : {"none", "standard", "robust"}) {
    EXPECT_EQ(fitted({.scale = scale}).scaling.columns[1].apply(7), 0) << scale;
  }
}

TEST(Scaling, TableAppliesAndInvertUndoes) {
  const FittedScaling result = fitted({.scale = "standard", .log1p = {"spend"}}, {"change", "spend"});
  const TestContext test;
  const MemoryTable table(names, columns, 100, test.comm());
  const ScaledTable scaled(table, result.scaling);
  EXPECT_EQ(scaled.columns(), (std::vector<std::string>{"change", "spend"}));
  for (std::int64_t b = 0; b < scaled.block_count(); ++b) {
    const auto reader = scaled.reader();
    const NumericBlock block = reader->read(b);
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_NEAR(result.scaling.columns[1].invert(block.columns[1][i]), columns[0][i], 1e-13);
      EXPECT_EQ(block.columns[0][i], result.scaling.columns[0].apply(columns[2][i]));
    }
  }
}

TEST(Scaling, NamesTheColumnThatCannotBeScaled) {
  try {
    fitted({.log1p = {"all"}});
    ADD_FAILURE() << "a negative value has no logarithm";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_data);
    EXPECT_NE(std::string(error.what()).find("change"), std::string::npos) << error.what();
  }
  EXPECT_THROW(fitted({}, {"speend"}), Error);
  EXPECT_THROW(fitted({.log1p = {"constant"}}, {"spend"}), Error);
}

}  // namespace
}  // namespace cohort::testing
