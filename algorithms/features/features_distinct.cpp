// SPDX-License-Identifier: Apache-2.0
#include "algorithms/features/features_distinct.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
// Every processor that has VBMI has CD.
#define COHORT_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512cd,avx512vbmi,avx512vbmi2")))
#endif

#include "core/isa.hpp"

namespace cohort {
namespace {

template <class Key>
constexpr Key missing = std::numeric_limits<Key>::min();  // missing_int32, missing_int64

template <class Key>
std::int32_t distinct_portable(std::span<const Key> keys) {
  std::int32_t distinct = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    bool seen = keys[i] == missing<Key>;
    for (std::size_t j = 0; j < i; ++j) seen |= keys[j] == keys[i];
    distinct += seen ? 0 : 1;
  }
  return distinct;
}

#if defined(__x86_64__)
/// A lane repeats if it equals an earlier lane of its own vector (vpconflict) or any key before that vector.
COHORT_AVX512 std::int32_t distinct_avx512(std::span<const std::int32_t> keys) {
  int distinct = 0;
  for (std::size_t i = 0; i < keys.size(); i += 16) {
    const auto lanes = static_cast<__mmask16>((1U << std::min<std::size_t>(keys.size() - i, 16)) - 1);
    const __m512i vector = _mm512_maskz_loadu_epi32(lanes, &keys[i]);
    const __m512i conflicts = _mm512_conflict_epi32(vector);
    unsigned seen = _mm512_test_epi32_mask(conflicts, conflicts);
    seen |= _mm512_cmpeq_epi32_mask(vector, _mm512_set1_epi32(missing<std::int32_t>));
    for (std::size_t j = 0; j < i; ++j) seen |= _mm512_cmpeq_epi32_mask(vector, _mm512_set1_epi32(keys[j]));
    distinct += std::popcount(lanes & ~seen);
  }
  return distinct;
}

COHORT_AVX512 std::int32_t distinct_avx512(std::span<const std::int64_t> keys) {
  int distinct = 0;
  for (std::size_t i = 0; i < keys.size(); i += 8) {
    const auto lanes = static_cast<__mmask8>((1U << std::min<std::size_t>(keys.size() - i, 8)) - 1);
    const __m512i vector = _mm512_maskz_loadu_epi64(lanes, &keys[i]);
    const __m512i conflicts = _mm512_conflict_epi64(vector);
    unsigned seen = _mm512_test_epi64_mask(conflicts, conflicts);
    seen |= _mm512_cmpeq_epi64_mask(vector, _mm512_set1_epi64(missing<std::int64_t>));
    for (std::size_t j = 0; j < i; ++j) seen |= _mm512_cmpeq_epi64_mask(vector, _mm512_set1_epi64(keys[j]));
    distinct += std::popcount(lanes & ~seen);
  }
  return distinct;
}
#else
template <class Key>
std::int32_t distinct_avx512(std::span<const Key> keys) {
  return distinct_portable(keys);
}
#endif

/// Slot a key asks for first: folds before and after the product let every bit of the key reach the low bits.
std::size_t first_slot(std::int64_t key, std::size_t slots) {
  auto bits = static_cast<std::uint64_t>(key);
  bits = (bits ^ (bits >> 32)) * 0x9E37'79B9'7F4A'7C15;
  return (bits ^ (bits >> 32)) & (slots - 1);
}

}  // namespace

std::int32_t distinct_of_few(std::span<const std::int32_t> keys) {
  return active_isa() == Isa::avx512 ? distinct_avx512(keys) : distinct_portable(keys);
}

std::int32_t distinct_of_few(std::span<const std::int64_t> keys) {
  return active_isa() == Isa::avx512 ? distinct_avx512(keys) : distinct_portable(keys);
}

void KeySet::clear() {
  size_ = 0;
  if (++epoch_ != 0) return;
  std::fill(slots_.begin(), slots_.end(), Slot{});  // the epochs are used up: begin again
  epoch_ = 1;
}

template <class Key>
void KeySet::insert_all(std::span<const Key> keys) {
  Key previous = missing<Key>;
  for (const Key key : keys) {
    if (key == previous || key == missing<Key>) continue;
    previous = key;
    insert_one(key);
  }
}

void KeySet::insert_one(std::int64_t key) {
  std::size_t slot = first_slot(key, slots_.size());
  while (slots_[slot].epoch == epoch_) {
    if (slots_[slot].key == key) return;
    slot = (slot + 1) & (slots_.size() - 1);
  }
  slots_[slot] = {key, epoch_};
  if (static_cast<std::size_t>(++size_) * 2 > slots_.size()) grow();
}

void KeySet::grow() {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
  const std::uint32_t old_epoch = std::exchange(epoch_, 1);
  size_ = 0;
  for (const Slot& slot : old)
    if (slot.epoch == old_epoch) insert_one(slot.key);
}

template void KeySet::insert_all(std::span<const std::int32_t>);
template void KeySet::insert_all(std::span<const std::int64_t>);

}  // namespace cohort
