// SPDX-License-Identifier: Apache-2.0
#pragma GCC target("avx2,fma,bmi2")
#include <immintrin.h>

#include "algorithms/segments/kmeans_tile.hpp"

namespace cohort {
namespace {

struct Floats {
  using Vector = __m256;
  using Labels = __m256i;
  static constexpr int width = 8, vectors = 2;  // 8 sums, 2 best scores, 2 labels and 4 others in 16 registers
  static Vector infinity() { return _mm256_set1_ps(__builtin_inff()); }
  static Vector broadcast(float x) { return _mm256_set1_ps(x); }
  static Vector load(const float* x) { return _mm256_load_ps(x); }
  static Vector minus_product(Vector a, Vector b, Vector sum) { return _mm256_fnmadd_ps(a, b, sum); }
  static Labels label(std::int32_t label) { return _mm256_set1_epi32(label); }
  static void take_less(Vector score, Labels label, Vector& best, Labels& labels) {
    const Vector less = _mm256_cmp_ps(score, best, _CMP_LT_OQ);
    best = _mm256_blendv_ps(best, score, less);
    labels = _mm256_blendv_epi8(labels, label, _mm256_castps_si256(less));
  }
  static void store(float* to, Vector best) { _mm256_storeu_ps(to, best); }
  static void store_labels(std::int32_t* to, Labels labels) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), labels);
  }
};

struct Doubles {
  using Vector = __m256d;
  using Labels = __m256i;
  static constexpr int width = 4, vectors = 2;
  static Vector infinity() { return _mm256_set1_pd(__builtin_inf()); }
  static Vector broadcast(double x) { return _mm256_set1_pd(x); }
  static Vector load(const double* x) { return _mm256_load_pd(x); }
  static Vector minus_product(Vector a, Vector b, Vector sum) { return _mm256_fnmadd_pd(a, b, sum); }
  static Labels label(std::int32_t label) { return _mm256_set1_epi64x(label); }
  static void take_less(Vector score, Labels label, Vector& best, Labels& labels) {
    const Vector less = _mm256_cmp_pd(score, best, _CMP_LT_OQ);
    best = _mm256_blendv_pd(best, score, less);
    labels = _mm256_blendv_epi8(labels, label, _mm256_castpd_si256(less));
  }
  static void store(double* to, Vector best) { _mm256_storeu_pd(to, best); }
  static void store_labels(std::int32_t* to, Labels labels) {
    const __m256i low_halves = _mm256_permutevar8x32_epi32(labels, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(low_halves));
  }
};

}  // namespace

void nearest_avx2(const TileTask<float>& task) {
  nearest_tile<Floats>(task);
}
void nearest_avx2(const TileTask<double>& task) {
  nearest_tile<Doubles>(task);
}

}  // namespace cohort
