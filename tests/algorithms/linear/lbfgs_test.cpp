// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/lbfgs.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

/// sum of c_j (x_j - j)^2 / 2 with c_j from 1 to 10^4.
LossAt bowl(const std::vector<double>& x) {
  LossAt here{.loss = 0, .downhill = std::vector<double>(x.size()), .curvature = 1};
  for (std::size_t j = 0; j < x.size(); ++j) {
    const double steep = std::pow(10.0, static_cast<double>(j % 5)), off = x[j] - static_cast<double>(j);
    here.loss += steep * off * off / 2;
    here.downhill[j] = -steep * off;
  }
  return here;
}

TEST(Lbfgs, FindsTheBottomOfABowl) {
  const TestContext test;
  Lbfgs descent(bowl, std::vector<double>(12));
  descent.run(1e-9, 500, "bowl", test.context());
  EXPECT_TRUE(descent.converged);
  for (std::size_t j = 0; j < 12; ++j) EXPECT_NEAR(descent.at()[j], static_cast<double>(j), 1e-8);
}

TEST(Lbfgs, KeepsOutOfWhereTheLossIsInfinite) {
  // x - log x, which is infinite at 0 and below; the first full step leads there.
  const TestContext test;
  const auto barrier = [](const std::vector<double>& x) {
    if (x[0] <= 0) return LossAt{.loss = std::numeric_limits<double>::infinity(), .downhill = {0}};
    return LossAt{.loss = x[0] - std::log(x[0]), .downhill = {1 / x[0] - 1}, .curvature = 0.01};
  };
  Lbfgs descent(barrier, {3});
  descent.run(1e-9, 100, "barrier", test.context());
  EXPECT_TRUE(descent.converged);
  EXPECT_NEAR(descent.at()[0], 1, 1e-8);
}

TEST(Lbfgs, StopsWhenAskedAndWhereItBegins) {
  const TestContext test;
  Lbfgs stopped(bowl, std::vector<double>(12));
  stopped.run(1e-9, 3, "stopped", test.context());
  EXPECT_FALSE(stopped.converged);
  EXPECT_EQ(stopped.n_iter, 3);
  Lbfgs there(bowl, {0, 1, 2});
  there.run(1e-9, 100, "there", test.context());
  EXPECT_TRUE(there.converged);
  EXPECT_EQ(there.n_iter, 0);
}

}  // namespace
}  // namespace cohort::testing
