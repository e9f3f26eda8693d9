// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/softmax_rows.hpp"

#include <algorithm>

#include "algorithms/linear/lane_functions.hpp"
#include "core/elementary.hpp"
#include "core/isa.hpp"

namespace cohort {
namespace {

/// Fills `largest` and `total` too: the log of all classes together is largest + log total.
[[gnu::always_inline]] inline void all_probabilities(std::int64_t classes, const double* eta, double* probabilities,
                                                     double* largest, double* total) {
  std::fill_n(largest, gram_rows, 0.0);
  for (std::int64_t k = 1; k < classes; ++k) {
    const double* of_class = eta + (k - 1) * gram_rows;
    for (std::int64_t i = 0; i < gram_rows; ++i) largest[i] = std::max(largest[i], of_class[i]);
  }
  std::fill_n(total, gram_rows, 0.0);
  for (std::int64_t k = 0; k < classes; ++k) {
    double* of_class = probabilities + k * gram_rows;
    for (std::int64_t i = 0; i < gram_rows; ++i) {
      of_class[i] = exp_minus(largest[i] - (k > 0 ? eta[(k - 1) * gram_rows + i] : 0));
      total[i] += of_class[i];
    }
  }
  for (std::int64_t k = 0; k < classes; ++k) {
    double* of_class = probabilities + k * gram_rows;
    for (std::int64_t i = 0; i < gram_rows; ++i) of_class[i] /= total[i];
  }
}

using Kernel = void (*)(std::int64_t, const double*, double*, double*, double*);

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")]] void probabilities_avx512(
    std::int64_t classes, const double* eta, double* probabilities, double* largest, double* total) {
  all_probabilities(classes, eta, probabilities, largest, total);
}
[[gnu::target("avx2,bmi2")]] void probabilities_avx2(std::int64_t classes, const double* eta, double* probabilities,
                                                     double* largest, double* total) {
  all_probabilities(classes, eta, probabilities, largest, total);
}
void probabilities_portable(std::int64_t classes, const double* eta, double* probabilities, double* largest,
                            double* total) {
  all_probabilities(classes, eta, probabilities, largest, total);
}

Kernel active_kernel() {
  switch (active_isa()) {
    case Isa::avx512: return probabilities_avx512;
    case Isa::avx2: return probabilities_avx2;
    default: return probabilities_portable;
  }
}

}  // namespace

void softmax_probabilities(std::int64_t classes, const double* eta, double* probabilities) {
  alignas(64) double largest[gram_rows], total[gram_rows];
  active_kernel()(classes, eta, probabilities, largest, total);
}

double softmax_respond(std::int64_t classes, const GlmRows& rows, double* eta, double* probabilities) {
  alignas(64) double largest[gram_rows], total[gram_rows];
  active_kernel()(classes, eta, probabilities, largest, total);
  double loss = 0;
  for (std::int64_t i = 0; i < gram_rows; ++i) {
    if (!(rows.weight[i] > 0)) continue;  // it may hold anything
    const auto label = static_cast<std::int64_t>(rows.label[i]);
    const double of_label = label > 0 ? eta[(label - 1) * gram_rows + i] : 0;
    loss += rows.weight[i] * (cohort::log(total[i]) + (largest[i] - of_label));
  }
  for (std::int64_t k = 1; k < classes; ++k) {
    double* residual = eta + (k - 1) * gram_rows;
    const double* probability = probabilities + k * gram_rows;
    for (std::int64_t i = 0; i < gram_rows; ++i) {
      const double hit = rows.label[i] == static_cast<double>(k) ? 1 : 0;
      residual[i] = rows.weight[i] > 0 ? rows.weight[i] * (hit - probability[i]) : 0;
    }
  }
  return loss;
}

}  // namespace cohort
