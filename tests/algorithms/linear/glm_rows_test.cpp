// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/glm_rows.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/isa.hpp"

namespace cohort::testing {
namespace {

/// Predictors from -800 to 800, labels and weights in turn.
double pass(GlmFamily family, GlmRows& rows) {
  std::vector<double> values(gram_rows);
  for (std::int64_t i = 0; i < gram_rows; ++i) {
    const double x = static_cast<double>(i - gram_rows / 2) / 64;
    values[static_cast<std::size_t>(i)] = 800 * x * x * x;
    rows.label[i] = static_cast<double>(i % 3 == 0);
    rows.weight[i] = static_cast<double>(i % 5);
  }
  values[0] = std::numeric_limits<double>::infinity();  // of weight 0
  const double one = 1;
  return glm_rows(family, values.data(), 1, &one, rows);
}

TEST(GlmRows, BinomialEqualsTheTextbook) {
  GlmRows rows{};
  const double loss = pass(GlmFamily::binomial, rows);
  double naive = 0;
  for (std::int64_t i = 0; i < gram_rows; ++i) {
    const long double eta = rows.eta[i], p = 1 / (1 + std::exp(-eta)), q = 1 / (1 + std::exp(eta));
    const long double y = rows.label[i], w = rows.weight[i];
    naive += static_cast<double>(w * (std::log1p(std::exp(-std::abs(eta))) + std::max(eta, 0.0L) - y * eta));
    EXPECT_NEAR(rows.residual[i], static_cast<double>(w * (y - p)), 4e-15) << i;
    EXPECT_NEAR(rows.curvature[i], static_cast<double>(w * p * q), 4e-15 * static_cast<double>(w * p * q) + 1e-306)
        << i;
    EXPECT_NEAR(glm_mean(GlmFamily::binomial, rows.eta[i]), static_cast<double>(p), 1e-15) << i;
  }
  EXPECT_NEAR(loss, naive, 1e-14 * naive);
}

TEST(GlmRows, GaussianEqualsTheTextbook) {
  GlmRows rows{};
  const double loss = pass(GlmFamily::gaussian, rows);
  double naive = 0;
  for (std::int64_t i = 0; i < gram_rows; ++i) {
    const double error = rows.label[i] - rows.eta[i];
    naive += rows.weight[i] * error * error / 2;
    EXPECT_EQ(rows.residual[i], rows.weight[i] * error);
    EXPECT_EQ(rows.curvature[i], rows.weight[i]);
  }
  EXPECT_NEAR(loss, naive, 1e-14 * naive);
}

TEST(GlmRows, SameBitsAtEachLevel) {
  set_active_isa(Isa::x86_64);
  GlmRows first{};
  const double loss = pass(GlmFamily::binomial, first);
  for (const Isa isa : {Isa::avx2, Isa::avx512}) {
    if (isa > host_isa()) continue;
    set_active_isa(isa);
    GlmRows rows{};
    EXPECT_EQ(pass(GlmFamily::binomial, rows), loss);
    for (std::int64_t i = 0; i < gram_rows; ++i) {
      EXPECT_EQ(rows.residual[i], first.residual[i]);
      EXPECT_EQ(rows.curvature[i], first.curvature[i]);
    }
  }
  set_active_isa(host_isa());
}

}  // namespace
}  // namespace cohort::testing
