// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/linear_cholesky.hpp"

#include <gtest/gtest.h>

namespace cohort::testing {
namespace {

Matrix matrix_of(std::int64_t size, std::vector<double> values) {
  Matrix matrix(size, size);
  matrix.values = std::move(values);
  return matrix;
}

TEST(Cholesky, SolvesAndInverts) {
  const Matrix matrix = matrix_of(3, {4, 2, 1, 0, 5, 3, 0, 0, 6});  // the lower triangle is not read
  const Cholesky factor(matrix, {1, 1, 1}, 0);
  const std::vector<double> x = factor.solve({1, 2, 3});
  EXPECT_NEAR(4 * x[0] + 2 * x[1] + x[2], 1, 1e-15);
  EXPECT_NEAR(2 * x[0] + 5 * x[1] + 3 * x[2], 2, 1e-15);
  EXPECT_NEAR(x[0] + 3 * x[1] + 6 * x[2], 3, 1e-15);
  const Matrix inverse = factor.inverse();
  EXPECT_NEAR(4 * inverse.row(0)[2] + 2 * inverse.row(1)[2] + inverse.row(2)[2], 0, 1e-15);
}

TEST(Cholesky, LeavesOutWhatFollowsFromRowsBefore) {
  const Cholesky factor(matrix_of(3, {4, 8, 2, 0, 16, 4, 0, 0, 9}), {1, 1, 1}, 1e-12);
  EXPECT_EQ(factor.active(), (std::vector<std::uint8_t>{1, 0, 1}));
  const std::vector<double> x = factor.solve({4, 8, 11});
  EXPECT_EQ(x[1], 0);
  EXPECT_NEAR(4 * x[0] + 2 * x[2], 4, 1e-15);
  EXPECT_NEAR(2 * x[0] + 9 * x[2], 11, 1e-15);
}

TEST(Cholesky, RowsLeftOutFromTheStartAreZero) {
  const Cholesky factor(matrix_of(2, {2, 1, 0, 3}), {0, 1}, 0);
  EXPECT_EQ(factor.solve({5, 6})[0], 0);
  EXPECT_DOUBLE_EQ(factor.solve({5, 6})[1], 2);
  EXPECT_EQ(factor.inverse().row(0)[0], 0);
}

}  // namespace
}  // namespace cohort::testing
