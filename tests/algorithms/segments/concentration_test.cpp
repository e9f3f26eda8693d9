// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/concentration.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "tests/algorithms/memory_table.hpp"
#include "tests/algorithms/test_context.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort::testing {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Concentration::Model fit(const std::vector<double>& values) {
  const TestContext test;
  const MemoryTable table({"value"}, {values}, 3, test_communicator());
  const TemporaryFolder folder;
  return Concentration::fit({}, table, test.context(), folder.path().string());
}

TEST(Concentration, CurveAndClassesOfALoop) {
  std::vector<double> values;
  for (int i = 1; i <= 57; ++i) values.push_back(i * i % 31);
  values.push_back(nan);
  const Concentration::Model model = fit(values);
  values.pop_back();
  std::ranges::sort(values, std::greater<>());
  double total = 0, weighted = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    total += values[i];
    weighted += static_cast<double>(i + 1) * values[i];
  }
  const auto n = static_cast<double>(values.size());
  EXPECT_EQ(model.customers, 57);
  EXPECT_EQ(model.missing, 1);
  EXPECT_EQ(model.total, total);
  EXPECT_NEAR(model.gini, (n + 1 - 2 * weighted / total) / n, 1e-12);
  ASSERT_EQ(model.curve.size(), 100u);
  for (std::size_t p = 1; p <= 100; ++p) {
    const std::size_t k = (p * values.size() + 99) / 100;
    double best = 0;
    for (std::size_t i = 0; i < k; ++i) best += values[i];
    EXPECT_EQ(model.curve[p - 1].customers, static_cast<std::int64_t>(k));
    EXPECT_EQ(model.curve[p - 1].value, best);
    EXPECT_EQ(model.curve[p - 1].least, values[k - 1]);
  }
  EXPECT_EQ(Concentration::class_of(model, values.front()), 0);
  EXPECT_EQ(Concentration::class_of(model, 0), 2);
  EXPECT_EQ(Concentration::class_of(model, nan), -1);
}

TEST(Concentration, OneCustomerAndNoMoney) {
  const Concentration::Model one = fit({5});
  EXPECT_EQ(one.gini, 0);
  EXPECT_EQ(one.curve.front().value, 5);
  EXPECT_TRUE(std::isnan(fit({0, 0}).gini));
  EXPECT_EQ(fit({-3, 5}).negative, 1);
}

TEST(Concentration, SharesMustRise) {
  EXPECT_THROW((Concentration::Params{.a_share = 0.96}.check()), Error);
}

}  // namespace
}  // namespace cohort::testing
