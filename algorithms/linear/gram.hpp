// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/linear/gram_tile.hpp"

namespace cohort {

/// Sums of products of columns over the rows of a block, G[i][j] = sum of x[i] x[j] for i <= j, in an order that
/// depends on nothing but the instruction level. For one thread; columns^2 / 2 x 64 bytes.
class GramSums {
 public:
  explicit GramSums(std::int64_t columns);

  void clear();
  /// Adds `gram_rows` rows: padded_columns() columns of gram_rows values, zeros where there is none.
  void add(const double* values) { kernel_.add(values, padded_, sums_.data()); }
  [[nodiscard]] double sum(std::int64_t i, std::int64_t j) const;  ///< i <= j
  [[nodiscard]] std::int64_t padded_columns() const { return padded_; }

 private:
  GramKernel kernel_;
  std::int64_t padded_;
  std::vector<double> sums_;
};

/// The columns rounded up to whole tiles.
[[nodiscard]] constexpr std::int64_t padded_to_gram(std::int64_t columns) {
  return (columns + gram_columns - 1) / gram_columns * gram_columns;
}

}  // namespace cohort
