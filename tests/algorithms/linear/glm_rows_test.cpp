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

TEST(GlmRows, PowerLawsEqualTheTextbook) {
  for (const double power : {1.0, 1.5, 2.0}) {
    GlmRows rows{};
    const double one = 0.01;
    std::vector<double> values(gram_rows);
    for (std::int64_t i = 0; i < gram_rows; ++i) {
      values[static_cast<std::size_t>(i)] = static_cast<double>(i * i - 4000) / 10;
      rows.label[i] = static_cast<double>(i % 7) + 0.5;
      rows.weight[i] = static_cast<double>(i % 3);
    }
    const GlmFamily law{GlmFamily::Kind::power, power};
    const double loss = glm_rows(law, values.data(), 1, &one, rows);
    long double naive = 0;
    for (std::int64_t i = 0; i < gram_rows; ++i) {
      const long double mean = std::exp(static_cast<long double>(rows.eta[i])), y = rows.label[i], w = rows.weight[i];
      const long double residual = w * (y - mean) * std::pow(mean, 1 - static_cast<long double>(power));
      const long double curvature =
          w * std::pow(mean, 1 - static_cast<long double>(power)) * ((2 - power) * mean + (power - 1) * y);
      EXPECT_NEAR(rows.residual[i], static_cast<double>(residual),
                  4e-15 * static_cast<double>(w * (y + mean) * std::pow(mean, 1 - power)) + 1e-300);
      EXPECT_NEAR(rows.curvature[i], static_cast<double>(curvature), 4e-15 * static_cast<double>(curvature));
      const long double from = rows.eta[i];
      naive += w * (power == 1   ? mean - y * from
                    : power == 2 ? y / mean + from
                                 : std::sqrt(mean) / 0.5L + y / std::sqrt(mean) / 0.5L);
      EXPECT_NEAR(glm_mean(law, rows.eta[i]), static_cast<double>(mean), 4e-15 * static_cast<double>(mean));
    }
    EXPECT_NEAR(loss, static_cast<double>(naive), 1e-13 * std::abs(static_cast<double>(naive)));
  }
}

TEST(GlmRows, SameBitsAtEachLevel) {
  set_active_isa(Isa::x86_64);
  GlmRows first{};
  const double loss = pass(GlmFamily::binomial, first);
  GlmRows other{};
  const double of_gamma = pass(GlmFamily::gamma, other);
  for (const Isa isa : {Isa::avx2, Isa::avx512}) {
    if (isa > host_isa()) continue;
    set_active_isa(isa);
    GlmRows rows{};
    EXPECT_EQ(pass(GlmFamily::binomial, rows), loss);
    GlmRows again{};
    EXPECT_EQ(pass(GlmFamily::gamma, again), of_gamma);
    for (std::int64_t i = 0; i < gram_rows; ++i) {
      EXPECT_EQ(rows.residual[i], first.residual[i]);
      EXPECT_EQ(rows.curvature[i], first.curvature[i]);
    }
  }
  set_active_isa(host_isa());
}

}  // namespace
}  // namespace cohort::testing
