// SPDX-License-Identifier: Apache-2.0
#include <emmintrin.h>

#include "algorithms/linear/gram_tile.hpp"

namespace cohort {
namespace {

/// Two lanes, which plain x86-64 has; without fused products.
struct Lanes {
  using Vector = __m128d;
  static constexpr int side = 2, width = 2;
  static Vector load(const double* x) { return _mm_loadu_pd(x); }
  static void store(double* x, Vector v) { _mm_storeu_pd(x, v); }
  static Vector multiply_add(Vector a, Vector b, Vector sum) { return _mm_add_pd(_mm_mul_pd(a, b), sum); }
};

}  // namespace

GramKernel gram_kernel_portable() {
  return {.add = add_squares<Lanes>, .side = Lanes::side, .width = Lanes::width};
}

}  // namespace cohort
