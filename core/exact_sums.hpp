// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cohort {

/// Sums of doubles whose value does not depend on the order of adding: fixed-point numbers of 101 bits. Element i
/// counts in units of 2^(bound[i] - 100), where |sum of all terms| < 2^bound[i] is promised by the caller; a term is
/// rounded to the nearest unit, once. Two int64 limbs per element travel (cf. Demmel and Nguyen, "Parallel Reproducible
/// Summation", IEEE TC 2015, which needs no bound but more limbs). Cost: about 3 ns per term, so add block partials.
class ExactSums {
 public:
  static constexpr int fraction_bits = 100;
  static constexpr int limb_bits = 50;  ///< a low limb is below 2^50, so 8,192 ranks x threads may add theirs

  ExactSums() = default;
  explicit ExactSums(std::vector<int> bounds);
  /// All elements under one bound.
  ExactSums(std::size_t size, int bound) : ExactSums(std::vector<int>(size, bound)) {}

  [[nodiscard]] std::size_t size() const { return units_.size(); }
  /// Throws Error(numerical) when the term is not finite or breaks the bound.
  void add(std::size_t i, double term);
  [[nodiscard]] double value(std::size_t i) const;  ///< the exact sum of the rounded terms, rounded to nearest

  /// Low and high limb of each element, to be summed element-wise over threads and ranks; and back.
  void store_limbs(std::span<std::int64_t> limbs) const;
  void load_limbs(std::span<const std::int64_t> limbs);

 private:
  __extension__ using Units = __int128;
  std::vector<int> bounds_;
  struct Scale {
    double first, second;
  };
  std::vector<Scale> scales_;  ///< a term times both is in units: 2^(fraction_bits - bound)
  std::vector<Units> units_;
};

/// The smallest b with |x| < 2^b, and -1000 for 0; throws Error(numerical) where x is not finite.
[[nodiscard]] int magnitude_bound(double x);
/// The bound of a sum of `terms` terms below 2^bound.
[[nodiscard]] int sum_bound(int bound, std::int64_t terms);

}  // namespace cohort
