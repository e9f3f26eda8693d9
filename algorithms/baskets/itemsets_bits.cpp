// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/itemsets_bits.hpp"

#include <immintrin.h>

#include <bit>

#include "core/isa.hpp"

namespace cohort {
namespace {

#define COHORT_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq,popcnt,bmi2")))
#define COHORT_AVX2 __attribute__((target("avx2,popcnt,bmi2")))

/// Appends runs of bits to a row of words that is zero before.
class BitAppender {
 public:
  explicit BitAppender(BitLine* out) : word_(out->words.data()) {}
  void append(std::uint64_t bits, int count) {
    *word_ |= bits << used_;
    const int room = 64 - used_;
    if (count < room) {
      used_ += count;
      return;
    }
    used_ = count - room;
    ++word_;
    if (used_ > 0) *word_ |= bits >> room;
  }

 private:
  std::uint64_t* word_;
  int used_ = 0;
};

std::int64_t count_both_portable(const BitLine* a, const BitLine* b, std::int64_t lines) {
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < lines; ++i) {
    for (std::size_t w = 0; w < 8; ++w) count += std::popcount(a[i].words[w] & b[i].words[w]);
  }
  return count;
}

void both_portable(const BitLine* a, const BitLine* b, BitLine* out, std::int64_t lines) {
  for (std::int64_t i = 0; i < lines; ++i) {
    for (std::size_t w = 0; w < 8; ++w) out[i].words[w] = a[i].words[w] & b[i].words[w];
  }
}

std::uint64_t extract_portable(std::uint64_t bits, std::uint64_t mask) {
  std::uint64_t out = 0;
  for (int at = 0; mask != 0; mask &= mask - 1, ++at) out |= ((bits >> std::countr_zero(mask)) & 1) << at;
  return out;
}

void pack_portable(const BitLine* row, const BitLine* mask, BitLine* out, std::int64_t lines) {
  BitAppender appender(out);
  for (std::int64_t i = 0; i < lines; ++i) {
    for (std::size_t w = 0; w < 8; ++w) {
      const std::uint64_t m = mask[i].words[w];
      if (m != 0) appender.append(extract_portable(row[i].words[w], m), std::popcount(m));
    }
  }
}

COHORT_AVX2 std::int64_t count_both_avx2(const BitLine* a, const BitLine* b, std::int64_t lines) {
  long long count = 0;
  for (std::int64_t i = 0; i < lines; ++i) {
    for (std::size_t w = 0; w < 8; ++w) count += _mm_popcnt_u64(a[i].words[w] & b[i].words[w]);
  }
  return count;
}

COHORT_AVX2 void pack_avx2(const BitLine* row, const BitLine* mask, BitLine* out, std::int64_t lines) {
  BitAppender appender(out);
  for (std::int64_t i = 0; i < lines; ++i) {
    for (std::size_t w = 0; w < 8; ++w) {
      const std::uint64_t m = mask[i].words[w];
      if (m != 0) appender.append(_pext_u64(row[i].words[w], m), static_cast<int>(_mm_popcnt_u64(m)));
    }
  }
}

COHORT_AVX512 std::int64_t count_both_avx512(const BitLine* a, const BitLine* b, std::int64_t lines) {
  __m512i counts = _mm512_setzero_si512();
  for (std::int64_t i = 0; i < lines; ++i) {
    counts = _mm512_add_epi64(
        counts, _mm512_popcnt_epi64(_mm512_and_si512(_mm512_load_si512(a + i), _mm512_load_si512(b + i))));
  }
  // By hand: gcc 12 warns of its own _mm512_reduce_add_epi64.
  counts = _mm512_add_epi64(counts, _mm512_maskz_shuffle_i64x2(0xFF, counts, counts, 0x4E));
  counts = _mm512_add_epi64(counts, _mm512_maskz_shuffle_i64x2(0xFF, counts, counts, 0xB1));
  return counts[0] + counts[1];
}

COHORT_AVX512 void both_avx512(const BitLine* a, const BitLine* b, BitLine* out, std::int64_t lines) {
  for (std::int64_t i = 0; i < lines; ++i)
    _mm512_store_si512(out + i, _mm512_and_si512(_mm512_load_si512(a + i), _mm512_load_si512(b + i)));
}

}  // namespace

const BitKernels& bit_kernels() {
  static constexpr BitKernels portable{count_both_portable, both_portable, pack_portable};
  static constexpr BitKernels avx2{count_both_avx2, both_portable, pack_avx2};
  static constexpr BitKernels avx512{count_both_avx512, both_avx512, pack_avx2};
  // VPOPCNTDQ is no part of the avx512 level; integers, so the results are the same without it.
  if (active_isa() == Isa::avx512 && __builtin_cpu_supports("avx512vpopcntdq")) return avx512;
  return active_isa() >= Isa::avx2 ? avx2 : portable;
}

}  // namespace cohort
