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

/// Eight points in one dimension, as doubles.
inline __m512d load_doubles(const float* x) {
  return _mm512_maskz_cvtps_pd(0xff, _mm256_load_ps(x));
}
inline __m512d load_doubles(const double* x) {
  return _mm512_load_pd(x);
}

/// Rows become columns: within pairs, then pairs within fours, then the halves.
[[gnu::always_inline]] inline void transpose(__m512d (&m)[8]) {
  const __m512i low_pairs = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
  const __m512i high_pairs = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
  __m512d a[8], b[8];
#pragma GCC unroll 4
  for (int i = 0; i < 8; i += 2) {
    a[i] = _mm512_maskz_unpacklo_pd(0xff, m[i], m[i + 1]);
    a[i + 1] = _mm512_maskz_unpackhi_pd(0xff, m[i], m[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    const int pair = i / 2 * 4 + i % 2;
    b[pair] = _mm512_permutex2var_pd(a[pair], low_pairs, a[pair + 2]);
    b[pair + 2] = _mm512_permutex2var_pd(a[pair], high_pairs, a[pair + 2]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    m[i] = _mm512_maskz_shuffle_f64x2(0xff, b[i], b[i + 4], 0x44);
    m[i + 4] = _mm512_maskz_shuffle_f64x2(0xff, b[i], b[i + 4], 0xee);
  }
}

/// Eight points by eight dimensions at a time; past the last dimension they are 0.
template <class T>
void add_tile(const SumTask<T>& task) {
  alignas(64) static constexpr T zeros[tile_points] = {};
  for (std::int64_t first = 0; first < task.dimensions; first += sum_lanes) {
    const T* rows[sum_lanes];
    for (int j = 0; j < sum_lanes; ++j) {
      rows[j] = first + j < task.dimensions ? task.tile + (first + j) * tile_points : zeros;
    }
    double* sums = task.sums + first;
    for (std::int64_t p = 0; p < tile_points; p += sum_lanes) {
      __m512d block[sum_lanes];
#pragma GCC unroll 8
      for (int j = 0; j < sum_lanes; ++j) block[j] = load_doubles(rows[j] + p);
      transpose(block);
#pragma GCC unroll 8
      for (int i = 0; i < sum_lanes; ++i) {
        double* sum = sums + task.labels[p + i] * task.stride;
        _mm512_store_pd(sum, _mm512_add_pd(_mm512_load_pd(sum), block[i]));
      }
    }
  }
}

}  // namespace

void add_avx512(const SumTask<float>& task) {
  add_tile(task);
}
void add_avx512(const SumTask<double>& task) {
  add_tile(task);
}

void nearest_avx512(const TileTask<float>& task) {
  nearest_tile<Floats>(task);
}
void nearest_avx512(const TileTask<double>& task) {
  nearest_tile<Doubles>(task);
}

}  // namespace cohort
