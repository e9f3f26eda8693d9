// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/gram.hpp"

#include <algorithm>

#include "core/isa.hpp"

namespace cohort {
namespace {

GramKernel active_kernel() {
  switch (active_isa()) {
    case Isa::avx512: return gram_kernel_avx512();
    case Isa::avx2: return gram_kernel_avx2();
    default: return gram_kernel_portable();
  }
}

/// Squares before row `i` of squares in a triangle of `squares` to a side.
std::int64_t squares_before(std::int64_t i, std::int64_t squares) {
  return i * squares - i * (i - 1) / 2;
}

}  // namespace

GramSums::GramSums(std::int64_t columns) : kernel_(active_kernel()), padded_(padded_to_gram(columns)) {
  const std::int64_t squares = padded_ / kernel_.side;
  sums_.resize(
      static_cast<std::size_t>(squares_before(squares, squares) * kernel_.side * kernel_.side * kernel_.width));
}

void GramSums::clear() {
  std::ranges::fill(sums_, 0.0);
}

double GramSums::sum(std::int64_t i, std::int64_t j) const {
  const std::int64_t side = kernel_.side, row = i / side, column = j / side;
  const std::int64_t square = squares_before(row, padded_ / side) + column - row;
  const double* lanes = sums_.data() + ((square * side + i % side) * side + j % side) * kernel_.width;
  double total = 0;
  for (std::int64_t lane = 0; lane < kernel_.width; ++lane) total += lanes[lane];
  return total;
}

}  // namespace cohort
