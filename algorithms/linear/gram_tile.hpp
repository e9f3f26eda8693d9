// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// One source for each instruction level includes this, so it must stay free of library code.

namespace cohort {

/// Rows of a chunk: columns of this length lie one after the other.
inline constexpr std::int64_t gram_rows = 128;
/// Columns come in multiples of this; what is over is zero.
inline constexpr std::int64_t gram_columns = 4;

/// Sums of products at one instruction level. `sums` holds for each square of `side` x `side` columns on and above the
/// diagonal, row of squares by row, side x side vectors of `width` lanes.
struct GramKernel {
  void (*add)(const double* values, std::int64_t columns, double* sums);
  std::int64_t side, width;
};

[[nodiscard]] GramKernel gram_kernel_portable();
[[nodiscard]] GramKernel gram_kernel_avx2();
[[nodiscard]] GramKernel gram_kernel_avx512();

namespace {

/// Adds the products of `side` columns with `side` others over a chunk: the sums stay in registers.
template <class Lanes>
inline void add_square(const double* left, const double* right, double* sums) {
  constexpr int side = Lanes::side, width = Lanes::width;
  typename Lanes::Vector total[side][side];
  for (int i = 0; i < side; ++i) {
    for (int j = 0; j < side; ++j) total[i][j] = Lanes::load(sums + (i * side + j) * width);
  }
  for (std::int64_t row = 0; row < gram_rows; row += width) {
    typename Lanes::Vector b[side];
    for (int j = 0; j < side; ++j) b[j] = Lanes::load(right + j * gram_rows + row);
    for (int i = 0; i < side; ++i) {
      const typename Lanes::Vector a = Lanes::load(left + i * gram_rows + row);
      for (int j = 0; j < side; ++j) total[i][j] = Lanes::multiply_add(a, b[j], total[i][j]);
    }
  }
  for (int i = 0; i < side; ++i) {
    for (int j = 0; j < side; ++j) Lanes::store(sums + (i * side + j) * width, total[i][j]);
  }
}

template <class Lanes>
void add_squares(const double* values, std::int64_t columns, double* sums) {
  for (std::int64_t i = 0; i < columns; i += Lanes::side) {
    for (std::int64_t j = i; j < columns; j += Lanes::side) {
      add_square<Lanes>(values + i * gram_rows, values + j * gram_rows, sums);
      sums += Lanes::side * Lanes::side * Lanes::width;
    }
  }
}

}  // namespace
}  // namespace cohort
