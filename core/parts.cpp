// SPDX-License-Identifier: Apache-2.0
#include "core/parts.hpp"

#include <algorithm>
#include <bit>

#include "core/error.hpp"

namespace cohort {
namespace {

/// Maps doubles to integers in the same order (negative numbers reversed below the positive ones); its own inverse.
std::int64_t ordered_key(std::int64_t bits) {
  return bits >= 0 ? bits : bits ^ INT64_MAX;
}
std::int64_t key_of(double value) {
  return ordered_key(std::bit_cast<std::int64_t>(value));
}
double value_of(std::int64_t key) {
  return std::bit_cast<double>(ordered_key(key));
}

}  // namespace

void Parts::sum(std::span<std::int64_t> values) {
  if (direction_ == Direction::pack) {
    sums.insert(sums.end(), values.begin(), values.end());
    return;
  }
  std::copy_n(sums.begin() + static_cast<std::ptrdiff_t>(next_sum_), values.size(), values.begin());
  next_sum_ += values.size();
}

template <class Value, class ToKey, class FromKey>
void Parts::maximum(std::span<Value> values, const ToKey& to_key, const FromKey& from_key) {
  for (Value& value : values) {
    if (direction_ == Direction::pack) {
      maxima.push_back(to_key(value));
    } else {
      value = from_key(maxima[next_maximum_++]);
    }
  }
}

void Parts::max(std::span<std::int64_t> values) {
  maximum(
      values, [](std::int64_t v) { return v; }, [](std::int64_t k) { return k; });
}
// ~v reverses the order of all int64 without the overflow that -v has at the lowest one.
void Parts::min(std::span<std::int64_t> values) {
  maximum(
      values, [](std::int64_t v) { return ~v; }, [](std::int64_t k) { return ~k; });
}
void Parts::max(std::span<double> values) {
  maximum(values, key_of, value_of);
}
void Parts::min(std::span<double> values) {
  maximum(
      values, [](double v) { return ~key_of(v); }, [](std::int64_t k) { return value_of(~k); });
}

void Parts::exact(ExactSums& exact_sums) {
  std::vector<std::int64_t> limbs(2 * exact_sums.size());
  if (direction_ == Direction::pack) exact_sums.store_limbs(limbs);
  sum(limbs);
  if (direction_ == Direction::unpack) exact_sums.load_limbs(limbs);
}

void Parts::merge(const Parts& other) {
  if (sums.size() != other.sums.size() || maxima.size() != other.maxima.size()) {
    throw Error(ExitCode::internal, "two partial states of one pass differ in length",
                "this is a defect: please report it");
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (__builtin_add_overflow(sums[i], other.sums[i], &sums[i])) {
      throw Error(ExitCode::numerical, "an integer sum passed 2^63 while threads were merged",
                  "declare a smaller decimal scale, or drop the rows with huge values");
    }
  }
  for (std::size_t i = 0; i < maxima.size(); ++i) maxima[i] = std::max(maxima[i], other.maxima[i]);
}

}  // namespace cohort
