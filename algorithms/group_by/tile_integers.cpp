// SPDX-License-Identifier: Apache-2.0
#include "algorithms/group_by/tile_integers.hpp"

#include "core/column.hpp"
#include "core/isa.hpp"

namespace cohort {
namespace {

template <class Value>
[[gnu::always_inline]] inline void add_all(std::span<const Value> values, FieldCodes codes, std::uint64_t* keys) {
  for (std::size_t i = 0; i < values.size(); ++i) keys[i] = codes.added(keys[i], values[i]);
}

[[gnu::always_inline]] inline void widen_all(std::span<const std::int32_t> values, std::int64_t* out) {
  for (std::size_t i = 0; i < values.size(); ++i) out[i] = values[i] == missing_int32 ? missing_int64 : values[i];
}

#define COHORT_AVX512 [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")]]
#define COHORT_AVX2 [[gnu::target("avx2")]]

template <class Value>
COHORT_AVX512 void add_avx512(std::span<const Value> values, const FieldCodes& codes, std::uint64_t* keys) {
  add_all(values, codes, keys);
}
template <class Value>
COHORT_AVX2 void add_avx2(std::span<const Value> values, const FieldCodes& codes, std::uint64_t* keys) {
  add_all(values, codes, keys);
}

COHORT_AVX512 void widen_avx512(std::span<const std::int32_t> values, std::int64_t* out) {
  widen_all(values, out);
}
COHORT_AVX2 void widen_avx2(std::span<const std::int32_t> values, std::int64_t* out) {
  widen_all(values, out);
}

template <class Value>
void add_of_level(std::span<const Value> values, const FieldCodes& codes, std::uint64_t* keys) {
  switch (active_isa()) {
    case Isa::avx512: return add_avx512(values, codes, keys);
    case Isa::avx2: return add_avx2(values, codes, keys);
    case Isa::x86_64: return add_all(values, codes, keys);
  }
}

}  // namespace

void add_codes(std::span<const std::int32_t> values, const FieldCodes& codes, std::uint64_t* keys) {
  add_of_level(values, codes, keys);
}
void add_codes(std::span<const std::int64_t> values, const FieldCodes& codes, std::uint64_t* keys) {
  add_of_level(values, codes, keys);
}

void widen(std::span<const std::int32_t> values, std::int64_t* out) {
  switch (active_isa()) {
    case Isa::avx512: return widen_avx512(values, out);
    case Isa::avx2: return widen_avx2(values, out);
    case Isa::x86_64: return widen_all(values, out);
  }
}

}  // namespace cohort
