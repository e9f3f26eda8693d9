// SPDX-License-Identifier: Apache-2.0
#pragma GCC target("avx2,fma,bmi2")
#include <immintrin.h>

#include "algorithms/linear/gram_tile.hpp"

namespace cohort {
namespace {

struct Lanes {
  using Vector = __m256d;
  static constexpr int side = 2, width = 4;
  static Vector load(const double* x) { return _mm256_loadu_pd(x); }
  static void store(double* x, Vector v) { _mm256_storeu_pd(x, v); }
  static Vector multiply_add(Vector a, Vector b, Vector sum) { return _mm256_fmadd_pd(a, b, sum); }
};

}  // namespace

GramKernel gram_kernel_avx2() {
  return {.add = add_squares<Lanes>, .side = Lanes::side, .width = Lanes::width};
}

}  // namespace cohort
