// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/chunk_products.hpp"

#include <algorithm>

#include "core/isa.hpp"

namespace cohort {
namespace {

[[gnu::always_inline]] inline void all_predictors(const double* columns, std::int64_t count, const double* coefficients,
                                                  double* to) {
  for (std::int64_t j = 0; j < count; ++j, columns += gram_rows) {
    for (std::int64_t i = 0; i < gram_rows; ++i) to[i] += coefficients[j] * columns[i];
  }
}

[[gnu::always_inline]] inline void all_gradients(const double* columns, std::int64_t count, const double* residual,
                                                 double* gradient) {
  for (std::int64_t j = 0; j < count; ++j, columns += gram_rows, gradient += glm_lanes) {
    alignas(64) double sums[glm_lanes];
    std::copy_n(gradient, glm_lanes, sums);
    for (std::int64_t i = 0; i < gram_rows; i += glm_lanes) {
      for (std::int64_t lane = 0; lane < glm_lanes; ++lane) sums[lane] += residual[i + lane] * columns[i + lane];
    }
    std::copy_n(sums, glm_lanes, gradient);
  }
}

using Product = void (*)(const double*, std::int64_t, const double*, double*);
struct Products {
  Product predictor, gradient;
};

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")]] void predictor_avx512(
    const double* columns, std::int64_t count, const double* coefficients, double* to) {
  all_predictors(columns, count, coefficients, to);
}
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")]] void gradient_avx512(
    const double* columns, std::int64_t count, const double* residual, double* gradient) {
  all_gradients(columns, count, residual, gradient);
}
[[gnu::target("avx2,bmi2")]] void predictor_avx2(const double* columns, std::int64_t count, const double* coefficients,
                                                 double* to) {
  all_predictors(columns, count, coefficients, to);
}
[[gnu::target("avx2,bmi2")]] void gradient_avx2(const double* columns, std::int64_t count, const double* residual,
                                                double* gradient) {
  all_gradients(columns, count, residual, gradient);
}
void predictor_portable(const double* columns, std::int64_t count, const double* coefficients, double* to) {
  all_predictors(columns, count, coefficients, to);
}
void gradient_portable(const double* columns, std::int64_t count, const double* residual, double* gradient) {
  all_gradients(columns, count, residual, gradient);
}

Products active_products() {
  switch (active_isa()) {
    case Isa::avx512: return {predictor_avx512, gradient_avx512};
    case Isa::avx2: return {predictor_avx2, gradient_avx2};
    default: return {predictor_portable, gradient_portable};
  }
}

}  // namespace

void add_predictor(const double* columns, std::int64_t count, const double* coefficients, double* to) {
  active_products().predictor(columns, count, coefficients, to);
}

void add_gradient(const double* columns, std::int64_t count, const double* residual, double* gradient) {
  active_products().gradient(columns, count, residual, gradient);
}

}  // namespace cohort
