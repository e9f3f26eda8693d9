// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/linear_cholesky.hpp"

#include <cmath>
#include <numeric>
#include <utility>

namespace cohort {

Cholesky::Cholesky(const Matrix& matrix, std::vector<std::uint8_t> active, double tolerance)
    : factor_(matrix.rows, matrix.rows), active_(std::move(active)), pivots_(active_.size()) {
  for (std::int64_t i = 0; i < matrix.rows; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const std::span<double> row = factor_.row(i);
    if (active_[at] == 0) continue;
    double pivot = matrix.row(i)[at];
    for (std::int64_t k = 0; k < i; ++k) {
      const auto column = static_cast<std::size_t>(k);
      if (active_[column] == 0) continue;
      double rest = matrix.row(k)[at];
      for (std::size_t m = 0; m < column; ++m) rest -= row[m] * factor_.row(k)[m];
      row[column] = rest / factor_.row(k)[column];
      pivot -= row[column] * row[column];
    }
    pivots_[at] = pivot;
    row[at] = std::sqrt(pivot > 0 ? pivot : 0);
    if (!(pivot > tolerance * matrix.row(i)[at])) {
      active_[at] = 0;
      for (double& value : row) value = 0;
    }
  }
}

std::vector<double> Cholesky::solve(const std::vector<double>& right) const {
  std::vector<double> x = right;
  const auto size = x.size();
  for (std::size_t i = 0; i < size; ++i) {
    const std::span<const double> row = factor_.row(static_cast<std::int64_t>(i));
    for (std::size_t k = 0; k < i; ++k) x[i] -= row[k] * x[k];
    x[i] = active_[i] != 0 ? x[i] / row[i] : 0;
  }
  for (std::size_t i = size; i-- > 0;) {
    if (active_[i] == 0) continue;
    for (std::size_t k = i + 1; k < size; ++k) x[i] -= factor_.row(static_cast<std::int64_t>(k))[i] * x[k];
    x[i] /= factor_.row(static_cast<std::int64_t>(i))[i];
  }
  return x;
}

Matrix Cholesky::inverse() const {
  Matrix result(factor_.rows, factor_.rows);
  for (std::int64_t i = 0; i < factor_.rows; ++i) {
    std::vector<double> unit(active_.size());
    unit[static_cast<std::size_t>(i)] = active_[static_cast<std::size_t>(i)];
    const std::vector<double> column = solve(unit);
    std::copy(column.begin(), column.end(), result.row(i).begin());
  }
  return result;
}

double Cholesky::squares_beside_first(std::int64_t row) const {
  const std::span<const double> values = factor_.row(row).subspan(1);
  return std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
}

}  // namespace cohort
