// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/glm_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "algorithms/linear/lane_functions.hpp"
#include "core/isa.hpp"

namespace cohort {
namespace {

[[gnu::always_inline]] inline void gaussian_rows(GlmRows& rows, double* loss) {
  for (std::int64_t i = 0; i < gram_rows; ++i) {
    const double error = rows.label[i] - rows.eta[i];
    rows.residual[i] = rows.weight[i] * error;
    rows.curvature[i] = rows.weight[i];
    loss[i] = rows.residual[i] * error / 2;
  }
}

[[gnu::always_inline]] inline void binomial_rows(GlmRows& rows, double* loss) {
  for (std::int64_t i = 0; i < gram_rows; ++i) {
    const double eta = rows.eta[i], small = exp_minus(std::abs(eta));
    const double larger = 1 / (1 + small), smaller = small * larger;  // the two probabilities
    const double positive = eta > 0 ? larger : smaller;
    rows.residual[i] = rows.weight[i] * (rows.label[i] - positive);
    rows.curvature[i] = rows.weight[i] * (larger * smaller);
    loss[i] = rows.weight[i] * (log1p_unit(small) + ((eta > 0 ? eta : 0) - rows.label[i] * eta));
  }
}

/// With mean m: residual w (y - m) / m^(p-1), and its derivative by the predictor log m, which is positive for y >= 0.
[[gnu::always_inline]] inline void power_rows(double power, GlmRows& rows, double* loss) {
  const double label_power = 1 - power, mean_power = 2 - power;
  const double per_label = power == 1 ? 0 : 1 / label_power, per_mean = power == 2 ? 0 : 1 / mean_power;
  for (std::int64_t i = 0; i < gram_rows; ++i) {
    const double eta = std::max(-largest_log_mean, std::min(rows.eta[i], largest_log_mean));
    const double of_label = rows.label[i] * exp_within(label_power * eta), of_mean = exp_within(mean_power * eta);
    rows.residual[i] = rows.weight[i] * (of_label - of_mean);
    rows.curvature[i] = rows.weight[i] * (mean_power * of_mean - label_power * of_label);
    const double gained = power == 1 ? rows.label[i] * eta : of_label * per_label;
    loss[i] = rows.weight[i] * ((power == 2 ? eta : of_mean * per_mean) - gained);
  }
}

[[gnu::always_inline]] inline void all_predictors(const double* values, std::int64_t columns,
                                                  const double* coefficients, GlmRows& rows) {
  std::fill_n(rows.eta, gram_rows, 0.0);
  for (std::int64_t j = 0; j < columns; ++j, values += gram_rows) {
    for (std::int64_t i = 0; i < gram_rows; ++i) rows.eta[i] += coefficients[j] * values[i];
  }
}

[[gnu::always_inline]] inline double all_responses(GlmFamily family, GlmRows& rows) {
  alignas(64) double loss[gram_rows];
  // A row that is left out may hold anything: its weight of 0 must not meet an overflow.
  for (std::int64_t i = 0; i < gram_rows; ++i) rows.eta[i] = rows.weight[i] > 0 ? rows.eta[i] : 0;
  switch (family.kind) {
    case GlmFamily::Kind::gaussian: gaussian_rows(rows, loss); break;
    case GlmFamily::Kind::binomial: binomial_rows(rows, loss); break;
    case GlmFamily::Kind::power: power_rows(family.power, rows, loss); break;
  }
  for (std::int64_t i = glm_lanes; i < gram_rows; ++i) loss[i % glm_lanes] += loss[i];
  return ((loss[0] + loss[4]) + (loss[2] + loss[6])) + ((loss[1] + loss[5]) + (loss[3] + loss[7]));
}

[[gnu::always_inline]] inline double all_rows(GlmFamily family, const double* values, std::int64_t columns,
                                              const double* coefficients, GlmRows& rows) {
  all_predictors(values, columns, coefficients, rows);
  return all_responses(family, rows);
}

[[gnu::always_inline]] inline void all_columns(double* values, std::int64_t columns, const GlmRows& rows,
                                               double* gradient) {
  alignas(64) double root[gram_rows];
  for (std::int64_t i = 0; i < gram_rows; ++i) root[i] = std::sqrt(rows.curvature[i]);
  for (std::int64_t j = 0; j < columns; ++j, values += gram_rows, gradient += glm_lanes) {
    alignas(64) double sums[glm_lanes];
    std::copy_n(gradient, glm_lanes, sums);
    for (std::int64_t i = 0; i < gram_rows; i += glm_lanes) {
      for (std::int64_t lane = 0; lane < glm_lanes; ++lane) {
        sums[lane] += rows.residual[i + lane] * values[i + lane];
        values[i + lane] *= root[i + lane];
      }
    }
    std::copy_n(sums, glm_lanes, gradient);
  }
}

[[gnu::always_inline]] inline std::int64_t all_values(const double* values, std::int64_t rows, double mean,
                                                      double per_sd, double* to) {
  // Many columns are read side by side, more than the processor follows by itself; past the end does no harm.
  constexpr std::int64_t line = 8;
  for (std::int64_t i = 0; i < gram_rows; i += line) __builtin_prefetch(values + gram_rows + i);
  std::int64_t odd = 0;  // a count, which vectorises where a flag does not
  for (std::int64_t i = 0; i < rows; ++i) {
    odd += std::abs(values[i]) <= std::numeric_limits<double>::max() ? 0 : 1;
    to[i] = (values[i] - mean) * per_sd;
  }
  std::fill(to + rows, to + gram_rows, 0.0);
  return odd;
}

struct Kernels {
  std::int64_t (*values)(const double*, std::int64_t, double, double, double*);
  double (*rows)(GlmFamily, const double*, std::int64_t, const double*, GlmRows&);
  double (*responses)(GlmFamily, GlmRows&);
  void (*columns)(double*, std::int64_t, const GlmRows&, double*);
};

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")]] std::int64_t values_avx512(
    const double* values, std::int64_t rows, double mean, double per_sd, double* to) {
  return all_values(values, rows, mean, per_sd, to);
}
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")]] double responses_avx512(GlmFamily family,
                                                                                                      GlmRows& rows) {
  return all_responses(family, rows);
}
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")]] double rows_avx512(
    GlmFamily family, const double* values, std::int64_t columns, const double* coefficients, GlmRows& rows) {
  return all_rows(family, values, columns, coefficients, rows);
}
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")]] void columns_avx512(double* values,
                                                                                                  std::int64_t columns,
                                                                                                  const GlmRows& rows,
                                                                                                  double* gradient) {
  all_columns(values, columns, rows, gradient);
}
[[gnu::target("avx2,bmi2")]] std::int64_t values_avx2(const double* values, std::int64_t rows, double mean,
                                                      double per_sd, double* to) {
  return all_values(values, rows, mean, per_sd, to);
}
[[gnu::target("avx2,bmi2")]] double responses_avx2(GlmFamily family, GlmRows& rows) {
  return all_responses(family, rows);
}
[[gnu::target("avx2,bmi2")]] double rows_avx2(GlmFamily family, const double* values, std::int64_t columns,
                                              const double* coefficients, GlmRows& rows) {
  return all_rows(family, values, columns, coefficients, rows);
}
[[gnu::target("avx2,bmi2")]] void columns_avx2(double* values, std::int64_t columns, const GlmRows& rows,
                                               double* gradient) {
  all_columns(values, columns, rows, gradient);
}
std::int64_t values_portable(const double* values, std::int64_t rows, double mean, double per_sd, double* to) {
  return all_values(values, rows, mean, per_sd, to);
}
double responses_portable(GlmFamily family, GlmRows& rows) {
  return all_responses(family, rows);
}
double rows_portable(GlmFamily family, const double* values, std::int64_t columns, const double* coefficients,
                     GlmRows& rows) {
  return all_rows(family, values, columns, coefficients, rows);
}
void columns_portable(double* values, std::int64_t columns, const GlmRows& rows, double* gradient) {
  all_columns(values, columns, rows, gradient);
}

Kernels active_kernels() {
  switch (active_isa()) {
    case Isa::avx512: return {values_avx512, rows_avx512, responses_avx512, columns_avx512};
    case Isa::avx2: return {values_avx2, rows_avx2, responses_avx2, columns_avx2};
    default: return {values_portable, rows_portable, responses_portable, columns_portable};
  }
}

}  // namespace

std::int64_t standardise_chunk(const double* values, std::int64_t rows, double mean, double per_sd, double* to) {
  return active_kernels().values(values, rows, mean, per_sd, to);
}

void glm_predict(const double* values, std::int64_t columns, const double* coefficients, GlmRows& rows) {
  all_predictors(values, columns, coefficients, rows);
}

double glm_respond(GlmFamily family, GlmRows& rows) {
  return active_kernels().responses(family, rows);
}

double glm_rows(GlmFamily family, const double* values, std::int64_t columns, const double* coefficients,
                GlmRows& rows) {
  return active_kernels().rows(family, values, columns, coefficients, rows);
}

void glm_weigh(double* values, std::int64_t columns, const GlmRows& rows, double* gradient) {
  active_kernels().columns(values, columns, rows, gradient);
}

double glm_mean(GlmFamily family, double eta) {
  if (family == GlmFamily::gaussian) return eta;
  if (family.kind == GlmFamily::Kind::power) {
    return exp_within(std::max(-largest_log_mean, std::min(eta, largest_log_mean)));
  }
  const double small = exp_minus(std::abs(eta));
  return eta > 0 ? 1 / (1 + small) : small / (1 + small);
}

}  // namespace cohort
