// SPDX-License-Identifier: Apache-2.0
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2")
#include <immintrin.h>

#include "algorithms/segments/kmeans_tile.hpp"

namespace cohort {
namespace {

struct Floats {
  using Vector = __m512;
  using Labels = __m512i;
  static constexpr int width = 16, vectors = 4;
  static Vector infinity() { return _mm512_set1_ps(__builtin_inff()); }
  static Vector broadcast(float x) { return _mm512_set1_ps(x); }
  static Vector load(const float* x) { return _mm512_load_ps(x); }
  static Vector minus_product(Vector a, Vector b, Vector sum) { return _mm512_fnmadd_ps(a, b, sum); }
  static Labels label(std::int32_t label) { return _mm512_set1_epi32(label); }
  static void take_less(Vector score, Labels label, Vector& best, Labels& labels) {
    const __mmask16 less = _mm512_cmp_ps_mask(score, best, _CMP_LT_OQ);
    best = _mm512_mask_mov_ps(best, less, score);
    labels = _mm512_mask_mov_epi32(labels, less, label);
  }
  static void store(float* to, Vector best) { _mm512_storeu_ps(to, best); }
  static void store_labels(std::int32_t* to, Labels labels) { _mm512_storeu_si512(to, labels); }
};

struct Doubles {
  using Vector = __m512d;
  using Labels = __m512i;
  static constexpr int width = 8, vectors = 4;
  static Vector infinity() { return _mm512_set1_pd(__builtin_inf()); }
  static Vector broadcast(double x) { return _mm512_set1_pd(x); }
  static Vector load(const double* x) { return _mm512_load_pd(x); }
  static Vector minus_product(Vector a, Vector b, Vector sum) { return _mm512_fnmadd_pd(a, b, sum); }
  static Labels label(std::int32_t label) { return _mm512_set1_epi64(label); }
  static void take_less(Vector score, Labels label, Vector& best, Labels& labels) {
    const __mmask8 less = _mm512_cmp_pd_mask(score, best, _CMP_LT_OQ);
    best = _mm512_mask_mov_pd(best, less, score);
    labels = _mm512_mask_mov_epi64(labels, less, label);
  }
  static void store(double* to, Vector best) { _mm512_storeu_pd(to, best); }
  static void store_labels(std::int32_t* to, Labels labels) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_maskz_cvtepi64_epi32(0xff, labels));
  }
};

}  // namespace

void nearest_avx512(const TileTask<float>& task) {
  nearest_tile<Floats>(task);
}
void nearest_avx512(const TileTask<double>& task) {
  nearest_tile<Doubles>(task);
}

}  // namespace cohort
