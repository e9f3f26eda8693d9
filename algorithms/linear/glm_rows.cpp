// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/glm_rows.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/isa.hpp"

// Additions, multiplications and divisions alone, none fused: compiled for each level, the bits stay.

namespace cohort {
namespace {

/// e^-x for 0 <= x, smallest near 1e-307: Cody and Waite's reduction and Taylor's series; relative error below 1e-15.
[[gnu::always_inline]] inline double exp_minus(double x) {
  constexpr double shifter = 0x1.8p52;  // adding it leaves the nearest whole number in the low bits
  constexpr double ln2_high = 0x1.62e42fee00000p-1, ln2_low = 0x1.a39ef35793c76p-33;
  const double y = -std::min(x, 707.0);
  const double shifted = y * 0x1.71547652b82fep+0 + shifter;
  const double n = shifted - shifter;
  const double r = (y - n * ln2_high) - n * ln2_low;
  double sum = 1.0 / 6227020800;
  constexpr double terms[] = {
      1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720,
      1.0 / 120,       1.0 / 24,       1.0 / 6,       0.5,          1.0,         1.0};
#pragma GCC unroll 13
  for (const double term : terms) sum = sum * r + term;
  return sum * std::bit_cast<double>((std::bit_cast<std::int64_t>(shifted) << 52) + (std::int64_t{1023} << 52));
}

/// ln(1 + x) for 0 <= x <= 1 as 2 atanh(x / (2 + x)).
[[gnu::always_inline]] inline double log1p_unit(double x) {
  const double s = x / (2 + x), z = s * s;
  double sum = 1.0 / 35;
#pragma GCC unroll 17
  for (int k = 33; k >= 1; k -= 2) sum = sum * z + 1.0 / k;
  return 2 * s * sum;
}

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

[[gnu::always_inline]] inline double all_rows(GlmFamily family, const double* values, std::int64_t columns,
                                              const double* coefficients, GlmRows& rows) {
  constexpr std::int64_t lanes = 8;
  alignas(64) double loss[gram_rows];
  std::fill_n(rows.eta, gram_rows, 0.0);
  for (std::int64_t j = 0; j < columns; ++j, values += gram_rows) {
    for (std::int64_t i = 0; i < gram_rows; ++i) rows.eta[i] += coefficients[j] * values[i];
  }
  // A row that is left out may hold anything: its weight of 0 must not meet an overflow.
  for (std::int64_t i = 0; i < gram_rows; ++i) rows.eta[i] = rows.weight[i] > 0 ? rows.eta[i] : 0;
  family == GlmFamily::gaussian ? gaussian_rows(rows, loss) : binomial_rows(rows, loss);
  for (std::int64_t i = lanes; i < gram_rows; ++i) loss[i % lanes] += loss[i];
  return ((loss[0] + loss[4]) + (loss[2] + loss[6])) + ((loss[1] + loss[5]) + (loss[3] + loss[7]));
}

using Pass = double (*)(GlmFamily, const double*, std::int64_t, const double*, GlmRows&);

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] double rows_avx512(GlmFamily family, const double* values,
                                                                         std::int64_t columns,
                                                                         const double* coefficients, GlmRows& rows) {
  return all_rows(family, values, columns, coefficients, rows);
}
[[gnu::target("avx2,bmi2")]] double rows_avx2(GlmFamily family, const double* values, std::int64_t columns,
                                              const double* coefficients, GlmRows& rows) {
  return all_rows(family, values, columns, coefficients, rows);
}
double rows_portable(GlmFamily family, const double* values, std::int64_t columns, const double* coefficients,
                     GlmRows& rows) {
  return all_rows(family, values, columns, coefficients, rows);
}

}  // namespace

double glm_rows(GlmFamily family, const double* values, std::int64_t columns, const double* coefficients,
                GlmRows& rows) {
  const Pass pass = active_isa() == Isa::avx512 ? rows_avx512 : active_isa() == Isa::avx2 ? rows_avx2 : rows_portable;
  return pass(family, values, columns, coefficients, rows);
}

double glm_mean(GlmFamily family, double eta) {
  if (family == GlmFamily::gaussian) return eta;
  const double small = exp_minus(std::abs(eta));
  return eta > 0 ? 1 / (1 + small) : small / (1 + small);
}

}  // namespace cohort
