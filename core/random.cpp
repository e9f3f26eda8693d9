// SPDX-License-Identifier: Apache-2.0
#include "core/random.hpp"

#include <Random123/philox.h>

#include <cmath>

#include "core/elementary.hpp"

namespace cohort {
namespace {

/// FNV-1a: a fixed number for each purpose's name.
std::uint32_t hash_of(std::string_view purpose) {
  std::uint32_t hash = 2166136261U;
  for (const char c : purpose) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

constexpr auto low_half(std::uint64_t x) {
  return static_cast<std::uint32_t>(x);
}
constexpr auto high_half(std::uint64_t x) {
  return static_cast<std::uint32_t>(x >> 32);
}

}  // namespace

RandomStream::RandomStream(std::uint64_t seed, std::string_view purpose, std::uint64_t item)
    : key_{low_half(seed), high_half(seed)}, counter_{0, hash_of(purpose), low_half(item), high_half(item)} {}

std::uint32_t RandomStream::next_uint32() {
  if (used_ == 4) {
    const r123::Philox4x32::ctr_type counter{{counter_[0], counter_[1], counter_[2], counter_[3]}};
    const r123::Philox4x32::key_type key{{key_[0], key_[1]}};
    const auto block = r123::Philox4x32()(counter, key);
    for (std::size_t i = 0; i < 4; ++i) buffer_[i] = block[i];
    ++counter_[0];
    used_ = 0;
  }
  return buffer_[static_cast<std::size_t>(used_++)];
}

std::uint64_t RandomStream::next_uint64() {
  const std::uint64_t low = next_uint32();
  return low | std::uint64_t{next_uint32()} << 32;
}

double RandomStream::uniform() {
  return static_cast<double>(next_uint64() >> 11) * 0x1p-53;
}

std::int64_t RandomStream::below(std::int64_t bound) {
  // Rejection of the top sliver, where the modulus would favour small numbers.
  const auto range = static_cast<std::uint64_t>(bound);
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % range;
  std::uint64_t draw = next_uint64();
  while (draw >= limit) draw = next_uint64();
  return static_cast<std::int64_t>(draw % range);
}

double RandomStream::exponential(double rate) {
  return -log(positive_uniform()) / rate;
}

double RandomStream::normal() {
  for (;;) {
    const double u = 2 * uniform() - 1;
    const double v = 2 * uniform() - 1;
    const double s = u * u + v * v;
    if (s > 0 && s < 1) return u * std::sqrt(-2 * log(s) / s);
  }
}

double RandomStream::gamma(double shape, double rate) {
  if (shape < 1) return gamma(shape + 1, rate) * exp(log(positive_uniform()) / shape);
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = normal();
    const double v = (1 + c * x) * (1 + c * x) * (1 + c * x);
    if (v <= 0) continue;
    if (log(positive_uniform()) < 0.5 * x * x + d - d * v + d * log(v)) return d * v / rate;
  }
}

std::int64_t RandomStream::poisson(double mean) {
  std::int64_t count = 0;
  for (double t = exponential(1); t < mean; t += exponential(1)) ++count;
  return count;
}

}  // namespace cohort
