// SPDX-License-Identifier: Apache-2.0
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2")
#include <immintrin.h>

#include "algorithms/linear/gram_tile.hpp"

namespace cohort {
namespace {

struct Lanes {
  using Vector = __m512d;
  static constexpr int side = 4, width = 8;
  static Vector load(const double* x) { return _mm512_loadu_pd(x); }
  static void store(double* x, Vector v) { _mm512_storeu_pd(x, v); }
  static Vector multiply_add(Vector a, Vector b, Vector sum) { return _mm512_fmadd_pd(a, b, sum); }
};

}  // namespace

GramKernel gram_kernel_avx512() {
  return {.add = add_squares<Lanes>, .side = Lanes::side, .width = Lanes::width};
}

}  // namespace cohort
