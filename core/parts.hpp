// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "core/exact_sums.hpp"

namespace cohort {

/// A state seen as two vectors of integers: those that merge by adding and those that merge by maximum. Both merges are
/// order-free, so a state is the same for any number of threads and ranks. A state lists its members once, in
/// `void parts(Parts&)`; the same list packs it, merges it and unpacks it.
class Parts {
 public:
  enum class Direction { pack, unpack };
  explicit Parts(Direction direction) : direction_(direction) {}

  void sum(std::int64_t& value) { sum(std::span(&value, 1)); }
  void sum(std::span<std::int64_t> values);
  void max(std::span<std::int64_t> values);
  void min(std::span<std::int64_t> values);
  void max(std::span<double> values);  ///< NaN is not allowed
  void min(std::span<double> values);
  void exact(ExactSums& sums);

  /// Adds the other's sums and takes the larger of the maxima. Equal lengths.
  void merge(const Parts& other);
  /// Turns what was packed into what the next parts() call unpacks.
  void rewind() {
    direction_ = Direction::unpack;
    next_sum_ = next_maximum_ = 0;
  }

  std::vector<std::int64_t> sums, maxima;

 private:
  template <class Value, class ToKey, class FromKey>
  void maximum(std::span<Value> values, const ToKey& to_key, const FromKey& from_key);

  Direction direction_;
  std::size_t next_sum_ = 0, next_maximum_ = 0;
};

/// The smallest state: exact sums and nothing else.
struct ExactTotals {
  ExactSums sums;
  void parts(Parts& parts) { parts.exact(sums); }
};

template <class T>
concept MergeableState = requires(T& state, Parts& parts) {
  state.parts(parts);
};

}  // namespace cohort
