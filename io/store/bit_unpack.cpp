// SPDX-License-Identifier: Apache-2.0
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // gcc 12 warns inside its own header (PR 105593)
#include <immintrin.h>
#pragma GCC diagnostic pop

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "core/isa.hpp"
#include "io/store/bit_pack.hpp"

// Kernels unpack whole groups of 16 values: 2 * width bytes, so every group starts at a byte. A byte permute brings the
// bytes of each value into its lane, a left shift drops the bits of the value before, a right shift those after.

#define COHORT_AVX2 __attribute__((target("avx2,fma,bmi2")))
#define COHORT_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2")))

namespace cohort {
namespace {

constexpr std::int64_t group = 16;
constexpr int widest_in_32_bits = 25;  // 7 bits of the value before it, at most, share a lane with a value
constexpr int widest_in_64_bits = 57;

/// Which bytes of a group go into the lanes of `Lane`, and how far each lane is shifted left.
template <typename Lane, int lanes>
struct Recipe {
  alignas(64) std::array<std::uint8_t, lanes * sizeof(Lane)> bytes{};
  alignas(64) std::array<Lane, lanes> shifts{};

  /// `split` values share a load that starts at the byte of their first bit.
  Recipe(int width, int split) {
    for (int lane = 0; lane < lanes; ++lane) {
      const int load = lane / split * split * width / 8 * 8;
      const int bit = lane * width - load;
      shifts[static_cast<std::size_t>(lane)] = static_cast<Lane>(bit % 8);
      for (int byte = 0; byte < static_cast<int>(sizeof(Lane)); ++byte) {
        const int most_significant_first = static_cast<int>(sizeof(Lane)) - 1 - byte;
        bytes[static_cast<std::size_t>(lane) * sizeof(Lane) + byte] =
            static_cast<std::uint8_t>(bit / 8 + most_significant_first);
      }
    }
  }
};

template <typename T>
constexpr T missing_value = std::numeric_limits<T>::min();

template <typename T>
void unpack_portable(const PackedChunk& chunk, const std::byte* from, std::int64_t groups, T* out) {
  const int width = chunk.width;
  const std::uint64_t missing_code = (std::uint64_t{1} << width) - 1;
  for (std::int64_t i = 0; i < groups * group; ++i) {
    const std::int64_t bit = i * width;
    std::uint64_t word;
    std::memcpy(&word, from + bit / 8, sizeof word);
    word = __builtin_bswap64(word) << bit % 8 | static_cast<std::uint64_t>(from[bit / 8 + 8]) >> (8 - bit % 8);
    const std::uint64_t code = word >> (64 - width);
    out[i] = code == missing_code ? missing_value<T> : static_cast<T>(code + static_cast<std::uint64_t>(chunk.minimum));
  }
}

COHORT_AVX512 inline void emit(__m512i codes, __m512i missing_code, std::int64_t minimum, std::int32_t* out) {
  const __mmask16 missing = _mm512_cmpeq_epi32_mask(codes, missing_code);
  const __m512i values = _mm512_add_epi32(codes, _mm512_set1_epi32(static_cast<int>(minimum)));
  _mm512_storeu_si512(out, _mm512_mask_mov_epi32(values, missing, _mm512_set1_epi32(missing_int32)));
}

COHORT_AVX512 inline void emit64(__m512i codes, __m512i missing_code, std::int64_t minimum, std::int64_t* out) {
  const __mmask8 missing = _mm512_cmpeq_epi64_mask(codes, missing_code);
  const __m512i values = _mm512_add_epi64(codes, _mm512_set1_epi64(minimum));
  _mm512_storeu_si512(out, _mm512_mask_mov_epi64(values, missing, _mm512_set1_epi64(missing_int64)));
}

COHORT_AVX512 inline void emit(__m512i codes, __m512i missing_code, std::int64_t minimum, std::int64_t* out) {
  const __m512i missing = _mm512_cvtepu32_epi64(_mm512_castsi512_si256(missing_code));
  emit64(_mm512_cvtepu32_epi64(_mm512_castsi512_si256(codes)), missing, minimum, out);
  emit64(_mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64(codes, 1)), missing, minimum, out + 8);
}

COHORT_AVX512 inline void emit64(__m512i codes, __m512i missing_code, std::int64_t minimum, std::int32_t* out) {
  const __mmask8 missing = _mm512_cmpeq_epi64_mask(codes, missing_code);
  const __m256i values = _mm512_cvtepi64_epi32(_mm512_add_epi64(codes, _mm512_set1_epi64(minimum)));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                      _mm256_mask_mov_epi32(values, missing, _mm256_set1_epi32(missing_int32)));
}

template <typename T>
COHORT_AVX512 void unpack_avx512_32(const PackedChunk& chunk, const std::byte* from, std::int64_t groups, T* out) {
  const Recipe<std::uint32_t, 16> recipe(chunk.width, 16);
  const __m512i order = _mm512_load_si512(recipe.bytes.data()), left = _mm512_load_si512(recipe.shifts.data());
  const __m128i right = _mm_cvtsi32_si128(32 - chunk.width);
  const __m512i missing_code = _mm512_set1_epi32((1 << chunk.width) - 1);
  for (std::int64_t i = 0; i < groups; ++i) {
    const __m512i lanes = _mm512_permutexvar_epi8(order, _mm512_loadu_si512(from + i * 2 * chunk.width));
    emit(_mm512_srl_epi32(_mm512_sllv_epi32(lanes, left), right), missing_code, chunk.minimum, out + i * group);
  }
}

template <typename T>
COHORT_AVX512 void unpack_avx512_64(const PackedChunk& chunk, const std::byte* from, std::int64_t groups, T* out) {
  const Recipe<std::uint64_t, 8> recipe(chunk.width, 8);
  const __m512i order = _mm512_load_si512(recipe.bytes.data()), left = _mm512_load_si512(recipe.shifts.data());
  const __m128i right = _mm_cvtsi32_si128(64 - chunk.width);
  const __m512i missing_code = _mm512_set1_epi64((std::int64_t{1} << chunk.width) - 1);
  for (std::int64_t i = 0; i < 2 * groups; ++i) {
    const __m512i lanes = _mm512_permutexvar_epi8(order, _mm512_loadu_si512(from + i * chunk.width));
    emit64(_mm512_srl_epi64(_mm512_sllv_epi64(lanes, left), right), missing_code, chunk.minimum, out + i * 8);
  }
}

COHORT_AVX2 inline void emit(__m256i codes, __m256i missing_code, std::int64_t minimum, std::int32_t* out) {
  const __m256i values = _mm256_add_epi32(codes, _mm256_set1_epi32(static_cast<int>(minimum)));
  const __m256i missing = _mm256_cmpeq_epi32(codes, missing_code);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                      _mm256_blendv_epi8(values, _mm256_set1_epi32(missing_int32), missing));
}

COHORT_AVX2 inline void emit64(__m256i codes, __m256i missing_code, std::int64_t minimum, std::int64_t* out) {
  const __m256i values = _mm256_add_epi64(codes, _mm256_set1_epi64x(minimum));
  const __m256i missing = _mm256_cmpeq_epi64(codes, missing_code);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                      _mm256_blendv_epi8(values, _mm256_set1_epi64x(missing_int64), missing));
}

COHORT_AVX2 inline void emit(__m256i codes, __m256i missing_code, std::int64_t minimum, std::int64_t* out) {
  const __m256i missing = _mm256_cvtepu32_epi64(_mm256_castsi256_si128(missing_code));
  emit64(_mm256_cvtepu32_epi64(_mm256_castsi256_si128(codes)), missing, minimum, out);
  emit64(_mm256_cvtepu32_epi64(_mm256_extracti128_si256(codes, 1)), missing, minimum, out + 4);
}

// pshufb stays inside 16 bytes, so each half of 8 values has a load of its own.
template <typename T>
COHORT_AVX2 void unpack_avx2(const PackedChunk& chunk, const std::byte* from, std::int64_t groups, T* out) {
  const Recipe<std::uint32_t, 8> recipe(chunk.width, 4);
  const __m256i order = _mm256_load_si256(reinterpret_cast<const __m256i*>(recipe.bytes.data()));
  const __m256i left = _mm256_load_si256(reinterpret_cast<const __m256i*>(recipe.shifts.data()));
  const __m128i right = _mm_cvtsi32_si128(32 - chunk.width);
  const __m256i missing_code = _mm256_set1_epi32((1 << chunk.width) - 1);
  const std::int64_t half = 4 * chunk.width / 8;
  for (std::int64_t i = 0; i < 2 * groups; ++i) {
    const auto* low = reinterpret_cast<const __m128i*>(from + i * chunk.width);
    const auto* high = reinterpret_cast<const __m128i*>(from + i * chunk.width + half);
    const __m256i bytes =
        _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(low)), _mm_loadu_si128(high), 1);
    const __m256i lanes = _mm256_shuffle_epi8(bytes, order);
    emit(_mm256_srl_epi32(_mm256_sllv_epi32(lanes, left), right), missing_code, chunk.minimum, out + i * 8);
  }
}

template <typename T>
void unpack_groups(const PackedChunk& chunk, std::int64_t first, std::int64_t groups, T* out) {
  const std::byte* const from = chunk.bits + first * 2 * chunk.width;
  const bool narrow = chunk.width <= widest_in_32_bits;
  if (active_isa() == Isa::avx512 && narrow) return unpack_avx512_32(chunk, from, groups, out);
  if (active_isa() == Isa::avx512 && chunk.width <= widest_in_64_bits)
    return unpack_avx512_64(chunk, from, groups, out);
  if (active_isa() == Isa::avx2 && narrow) return unpack_avx2(chunk, from, groups, out);
  unpack_portable(chunk, from, groups, out);
}

template <typename T>
void unpack_rows(const PackedChunk& chunk, std::int64_t begin, std::int64_t end, T* out) {
  if (chunk.width == 0) {
    std::fill(out, out + (end - begin), missing_value<T>);
    return;
  }
  if (chunk.width == 8 * static_cast<int>(sizeof(T))) {
    std::memcpy(out, chunk.bits + begin * static_cast<std::int64_t>(sizeof(T)),
                static_cast<std::size_t>(end - begin) * sizeof(T));
    return;
  }
  std::array<T, group> edge;
  const auto copy_edge = [&](std::int64_t stop) {
    const std::int64_t skip = begin % group;
    unpack_groups(chunk, begin / group, 1, edge.data());
    out = std::copy(edge.begin() + skip, edge.begin() + skip + (stop - begin), out);
    begin = stop;
  };
  if (begin % group != 0) copy_edge(std::min(end, begin + group - begin % group));
  const std::int64_t whole = (end - begin) / group;
  unpack_groups(chunk, begin / group, whole, out);
  out += whole * group;
  begin += whole * group;
  if (begin < end) copy_edge(end);
}

}  // namespace

void unpack(const PackedChunk& chunk, std::int64_t begin, std::int64_t end, std::int32_t* out) {
  unpack_rows(chunk, begin, end, out);
}

void unpack(const PackedChunk& chunk, std::int64_t begin, std::int64_t end, std::int64_t* out) {
  unpack_rows(chunk, begin, end, out);
}

}  // namespace cohort
