// SPDX-License-Identifier: Apache-2.0
#include "algorithms/sequences/sequence_bytes.hpp"

#include <immintrin.h>

#include <algorithm>

#include "core/isa.hpp"

namespace cohort {
namespace {

#define COHORT_AVX512 __attribute__((target("avx512f,avx512bw,avx512vbmi2,popcnt")))
#define COHORT_AVX2 __attribute__((target("avx2,popcnt")))

std::int64_t count_held(const ByteLine* ends, std::int64_t lines) {
  std::int64_t held = 64 * lines;
  for (std::int64_t i = 0; i < lines; ++i) held -= std::count(ends[i].bytes.begin(), ends[i].bytes.end(), 255);
  return held;
}

std::int64_t count_after_portable(const ByteLine* last, const ByteLine* ends, std::int64_t lines) {
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < lines; ++i) {
    std::uint8_t in_line = 0;  // not wider, so that compilers keep to bytes
    for (std::size_t b = 0; b < 64; ++b) {
      in_line = static_cast<std::uint8_t>(in_line + (last[i].bytes[b] > ends[i].bytes[b] ? 1 : 0));
    }
    count += in_line;
  }
  return count;
}

void first_after_portable(const ByteLine* planes, std::int64_t n_planes, const ByteLine* ends, ByteLine* out,
                          std::int64_t lines) {
  for (std::int64_t i = 0; i < lines; ++i) {
    ByteLine first;
    first.bytes.fill(255);
    for (std::int64_t k = 0; k < n_planes; ++k) {
      const ByteLine& plane = planes[k * lines + i];
      for (std::size_t b = 0; b < 64; ++b) {
        first.bytes[b] = plane.bytes[b] > ends[i].bytes[b] ? plane.bytes[b] : first.bytes[b];
      }
    }
    out[i] = first;
  }
}

void pack_portable(const ByteLine* row, const ByteLine* ends, ByteLine* out, std::int64_t lines) {
  std::uint8_t* next = out->bytes.data();
  for (std::int64_t i = 0; i < lines; ++i) {
    for (std::size_t b = 0; b < 64; ++b) {
      if (ends[i].bytes[b] != 255) *next++ = row[i].bytes[b];
    }
  }
}

// Unsigned bytes: a > b where max(a, b) is not b.
COHORT_AVX2 std::int64_t count_after_avx2(const ByteLine* last, const ByteLine* ends, std::int64_t lines) {
  std::int64_t none = 0;
  for (std::int64_t half = 0; half < 2 * lines; ++half) {
    const __m256i a = _mm256_load_si256(reinterpret_cast<const __m256i*>(last) + half);
    const __m256i b = _mm256_load_si256(reinterpret_cast<const __m256i*>(ends) + half);
    const int equal = _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(a, b), b));
    none += _mm_popcnt_u32(static_cast<unsigned>(equal));
  }
  return 64 * lines - none;
}

COHORT_AVX2 void first_after_avx2(const ByteLine* planes, std::int64_t n_planes, const ByteLine* ends, ByteLine* out,
                                  std::int64_t lines) {
  const auto* from = reinterpret_cast<const __m256i*>(planes);
  for (std::int64_t half = 0; half < 2 * lines; ++half) {
    const __m256i end = _mm256_load_si256(reinterpret_cast<const __m256i*>(ends) + half);
    __m256i first = _mm256_set1_epi8(-1);
    for (std::int64_t k = 0; k < n_planes; ++k) {
      const __m256i plane = _mm256_load_si256(from + k * 2 * lines + half);
      first = _mm256_blendv_epi8(plane, first, _mm256_cmpeq_epi8(_mm256_max_epu8(plane, end), end));
    }
    _mm256_store_si256(reinterpret_cast<__m256i*>(out) + half, first);
  }
}

COHORT_AVX512 std::int64_t count_held_avx512(const ByteLine* ends, std::int64_t lines) {
  long long held = 0;
  for (std::int64_t i = 0; i < lines; ++i)
    held += _mm_popcnt_u64(_mm512_cmpneq_epu8_mask(_mm512_load_si512(ends + i), _mm512_set1_epi8(-1)));
  return held;
}

COHORT_AVX512 std::int64_t count_after_avx512(const ByteLine* last, const ByteLine* ends, std::int64_t lines) {
  long long count = 0;
  for (std::int64_t i = 0; i < lines; ++i) {
    count += _mm_popcnt_u64(_mm512_cmpgt_epu8_mask(_mm512_load_si512(last + i), _mm512_load_si512(ends + i)));
  }
  return count;
}

COHORT_AVX512 void first_after_avx512(const ByteLine* planes, std::int64_t n_planes, const ByteLine* ends,
                                      ByteLine* out, std::int64_t lines) {
  for (std::int64_t i = 0; i < lines; ++i) {
    const __m512i end = _mm512_load_si512(ends + i);
    __m512i first = _mm512_set1_epi8(-1);
    for (std::int64_t k = 0; k < n_planes; ++k) {
      const __m512i plane = _mm512_load_si512(planes + k * lines + i);
      first = _mm512_mask_mov_epi8(first, _mm512_cmpgt_epu8_mask(plane, end), plane);
    }
    _mm512_store_si512(out + i, first);
  }
}

COHORT_AVX512 void pack_avx512(const ByteLine* row, const ByteLine* ends, ByteLine* out, std::int64_t lines) {
  std::uint8_t* next = out->bytes.data();
  for (std::int64_t i = 0; i < lines; ++i) {
    const __mmask64 held = _mm512_cmpneq_epu8_mask(_mm512_load_si512(ends + i), _mm512_set1_epi8(-1));
    _mm512_storeu_si512(next, _mm512_maskz_compress_epi8(held, _mm512_load_si512(row + i)));
    next += _mm_popcnt_u64(held);
  }
}

}  // namespace

const ByteKernels& byte_kernels() {
  static constexpr ByteKernels portable{count_held, count_after_portable, first_after_portable, pack_portable};
  static constexpr ByteKernels avx2{count_held, count_after_avx2, first_after_avx2, pack_portable};
  static constexpr ByteKernels avx512{count_held_avx512, count_after_avx512, first_after_avx512, pack_avx512};
  if (active_isa() == Isa::avx512) return avx512;
  return active_isa() == Isa::avx2 ? avx2 : portable;
}

}  // namespace cohort
