// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "algorithms/linear/gram_tile.hpp"

namespace cohort {

/// What the response of a generalised linear model follows: normal with identity link, binomial with logit link, or,
/// with log link, a law whose variance is a power of the mean (Jorgensen, The Theory of Dispersion Models, 1997).
struct GlmFamily {
  enum class Kind : std::int64_t { gaussian = 0, binomial = 1, power = 2 };
  Kind kind = Kind::gaussian;
  double power = 0;  ///< 1 is Poisson, 2 gamma, between them Tweedie: zeros and a continuous positive part

  bool operator==(const GlmFamily&) const = default;
  static const GlmFamily gaussian, binomial, poisson, gamma;
};
inline constexpr GlmFamily GlmFamily::gaussian{GlmFamily::Kind::gaussian, 0};
inline constexpr GlmFamily GlmFamily::binomial{GlmFamily::Kind::binomial, 0};
inline constexpr GlmFamily GlmFamily::poisson{GlmFamily::Kind::power, 1};
inline constexpr GlmFamily GlmFamily::gamma{GlmFamily::Kind::power, 2};

/// A predictor beyond these has no mean that could be told from 0 or from infinity.
inline constexpr double largest_log_mean = 700;

/// Writes (x - mean) x per_sd of `rows` <= gram_rows values and zeros up to gram_rows; returns how many values are not
/// finite. Same bits at each instruction level.
std::int64_t standardise_chunk(const double* values, std::int64_t rows, double mean, double per_sd, double* to);

/// A chunk of gram_rows rows on its way through a Newton pass. A row of weight 0 adds nothing.
struct GlmRows {
  alignas(64) double label[gram_rows];
  alignas(64) double weight[gram_rows];
  alignas(64) double eta[gram_rows];        ///< linear predictor
  alignas(64) double residual[gram_rows];   ///< weight x (label - mean): minus the loss's derivative by eta
  alignas(64) double curvature[gram_rows];  ///< its second derivative
};

/// Fills eta alone, from `columns` columns of gram_rows values and one coefficient for each.
void glm_predict(const double* values, std::int64_t columns, const double* coefficients, GlmRows& rows);

/// Fills residual and curvature from eta; returns the sum of the losses, as glm_rows does.
[[nodiscard]] double glm_respond(GlmFamily family, GlmRows& rows);

/// Fills eta, residual and curvature; returns the sum of the losses: weight x (label - eta)^2 / 2, or minus the
/// log-likelihood up to what does not depend on the mean (of a power law: the quasi-likelihood). Same bits at each
/// instruction level.
[[nodiscard]] double glm_rows(GlmFamily family, const double* values, std::int64_t columns, const double* coefficients,
                              GlmRows& rows);

inline constexpr std::int64_t glm_lanes = 8;  ///< of a gradient: those of rows that agree modulo 8

/// Adds residual x value to `gradient` (glm_lanes sums for each column) and multiplies the values by the root of the
/// curvature, so that their products are the Hessian's. Same bits at each instruction level.
void glm_weigh(double* values, std::int64_t columns, const GlmRows& rows, double* gradient);

/// The mean of the response at a linear predictor.
[[nodiscard]] double glm_mean(GlmFamily family, double eta);

}  // namespace cohort
