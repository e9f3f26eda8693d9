// SPDX-License-Identifier: Apache-2.0
#include "io/text/csv_marks.hpp"

#include <immintrin.h>

#include <array>
#include <bit>
#include <cstring>

#include "core/isa.hpp"

#define COHORT_AVX2 __attribute__((target("avx2,fma,bmi2")))
#define COHORT_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,bmi2,popcnt")))

namespace cohort {
namespace {

/// SSE2 is the baseline: four quarters of 16 bytes.
std::uint64_t equal_bytes(const char* block, char byte) {
  const __m128i wanted = _mm_set1_epi8(byte);
  std::uint64_t bits = 0;
  for (int quarter = 0; quarter < 4; ++quarter) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * quarter));
    const auto equal = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted)));
    bits |= static_cast<std::uint64_t>(equal) << 16 * quarter;
  }
  return bits;
}

void mark_x86_64(const char* text, std::size_t blocks, char delimiter, CsvMarks* marks) {
  for (std::size_t i = 0; i < blocks; ++i, text += csv_block_bytes) {
    const std::uint64_t returns = equal_bytes(text, '\r');
    marks[i] = {equal_bytes(text, '"'), equal_bytes(text, delimiter), equal_bytes(text, '\n') | returns, returns};
  }
}

COHORT_AVX2 std::uint64_t equal_bytes(__m256i low, __m256i high, char byte) {
  const __m256i wanted = _mm256_set1_epi8(byte);
  const auto low_bits = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)));
  const auto high_bits = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)));
  return low_bits | static_cast<std::uint64_t>(high_bits) << 32;
}

COHORT_AVX2 void mark_avx2(const char* text, std::size_t blocks, char delimiter, CsvMarks* marks) {
  for (std::size_t i = 0; i < blocks; ++i, text += csv_block_bytes) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + 32));
    const std::uint64_t returns = equal_bytes(low, high, '\r');
    marks[i] = {equal_bytes(low, high, '"'), equal_bytes(low, high, delimiter), equal_bytes(low, high, '\n') | returns,
                returns};
  }
}

COHORT_AVX512 void mark_avx512(const char* text, std::size_t blocks, char delimiter, CsvMarks* marks) {
  const __m512i quote = _mm512_set1_epi8('"');
  const __m512i delimiters = _mm512_set1_epi8(delimiter);
  const __m512i feed = _mm512_set1_epi8('\n');
  const __m512i carriage_return = _mm512_set1_epi8('\r');
  for (std::size_t i = 0; i < blocks; ++i, text += csv_block_bytes) {
    const __m512i bytes = _mm512_loadu_si512(text);
    const std::uint64_t returns = _mm512_cmpeq_epi8_mask(bytes, carriage_return);
    marks[i] = {_mm512_cmpeq_epi8_mask(bytes, quote), _mm512_cmpeq_epi8_mask(bytes, delimiters),
                _mm512_cmpeq_epi8_mask(bytes, feed) | returns, returns};
  }
}

std::uint32_t* list_portable(std::span<const CsvEnds> blocks, std::uint32_t base, std::uint32_t* list) {
  for (const CsvEnds& ends : blocks) {
    for (std::uint64_t left = ends.fields; left != 0; left &= left - 1) {
      const auto bit = static_cast<std::uint32_t>(std::countr_zero(left));
      *list++ = (base + bit) | (static_cast<std::uint32_t>(ends.records >> bit & 1) << 31);
    }
    base += csv_block_bytes;
  }
  return list;
}

COHORT_AVX512 std::uint32_t* list_avx512(std::span<const CsvEnds> blocks, std::uint32_t base, std::uint32_t* list) {
  const __m512i identity =
      _mm512_set_epi8(63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40,
                      39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16,
                      15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const __m512i tag = _mm512_set1_epi32(static_cast<int>(csv_record_end));
  for (const CsvEnds& ends : blocks) {
    alignas(64) std::array<std::uint8_t, 64> bits;
    _mm512_store_si512(bits.data(), _mm512_maskz_compress_epi8(ends.fields, identity));
    const std::uint64_t tagged = _pext_u64(ends.records, ends.fields);
    const int count = __builtin_popcountll(ends.fields);
    const __m512i first = _mm512_set1_epi32(static_cast<int>(base));
    for (int i = 0; i < count; i += 16) {
      const __m128i sixteen = _mm_load_si128(reinterpret_cast<const __m128i*>(bits.data() + i));
      const __m512i positions = _mm512_add_epi32(_mm512_maskz_cvtepu8_epi32(0xFFFF, sixteen), first);
      const auto record_ends = static_cast<__mmask16>(tagged >> i);
      _mm512_storeu_si512(list + i, _mm512_mask_or_epi32(positions, record_ends, positions, tag));
    }
    list += count;
    base += csv_block_bytes;
  }
  return list;
}

void mark_blocks(const char* text, std::size_t blocks, char delimiter, CsvMarks* marks) {
  switch (active_isa()) {
    case Isa::avx512: return mark_avx512(text, blocks, delimiter, marks);
    case Isa::avx2: return mark_avx2(text, blocks, delimiter, marks);
    case Isa::x86_64: return mark_x86_64(text, blocks, delimiter, marks);
  }
}

__attribute__((always_inline)) inline CsvLines lines_of(std::span<const CsvMarks> blocks) {
  constexpr std::int64_t bytes = csv_block_bytes;
  std::uint64_t odd = 0, behind_newline = 0;
  for (const CsvMarks& marks : blocks) odd |= marks.quotes | marks.returns;
  CsvLines lines{.plain = odd == 0};
  for (std::int64_t at = 0; lines.plain && at < std::ssize(blocks) * bytes; at += bytes) {
    const std::uint64_t newlines = blocks[static_cast<std::size_t>(at / bytes)].newlines;
    const std::uint64_t starts = (newlines << 1 | behind_newline) & ~newlines;
    behind_newline = newlines >> (bytes - 1);
    lines.newlines += std::popcount(newlines);
    if (starts == 0) continue;
    if (lines.records == 0) lines.first_record = at + std::countr_zero(starts);
    lines.last_record = at + bytes - 1 - std::countl_zero(starts);
    lines.records += std::popcount(starts);
  }
  return lines;
}

__attribute__((target("popcnt,lzcnt,bmi"))) CsvLines lines_counted_at_once(std::span<const CsvMarks> blocks) {
  return lines_of(blocks);
}

}  // namespace

CsvLines count_lines(std::span<const CsvMarks> blocks) {
  return active_isa() == Isa::x86_64 ? lines_of(blocks) : lines_counted_at_once(blocks);
}

void find_marks(std::string_view text, CsvDialect dialect, CsvMarks* marks) {
  const std::size_t blocks = text.size() / csv_block_bytes;
  mark_blocks(text.data(), blocks, dialect.delimiter, marks);
  const std::string_view rest = text.substr(blocks * csv_block_bytes);
  if (!rest.empty()) {
    std::array<char, csv_block_bytes> padded{};
    std::memcpy(padded.data(), rest.data(), rest.size());
    mark_blocks(padded.data(), 1, dialect.delimiter, marks + blocks);
  }
  if (dialect.has_quotes) return;
  for (std::size_t i = 0; i < blocks + (rest.empty() ? 0 : 1); ++i) marks[i].quotes = 0;
}

std::uint32_t* list_ends(std::span<const CsvEnds> blocks, std::uint32_t base, std::uint32_t* list) {
  return active_isa() == Isa::avx512 ? list_avx512(blocks, base, list) : list_portable(blocks, base, list);
}

}  // namespace cohort
