// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/statistics/matrix.hpp"

namespace cohort {

/// Cholesky factor of a symmetric positive semidefinite matrix, row by row in a fixed order. A row whose pivot falls to
/// `tolerance` times its diagonal depends on the rows before it: it is left out and its unknown is 0.
class Cholesky {
 public:
  /// Reads the upper triangle. Rows with active[i] == 0 are left out from the start.
  Cholesky(const Matrix& matrix, std::vector<std::uint8_t> active, double tolerance);

  [[nodiscard]] std::vector<double> solve(const std::vector<double>& right) const;
  [[nodiscard]] Matrix inverse() const;  ///< rows and columns left out are 0
  /// A diagonal element of the matrix, less what its first row explains of it.
  [[nodiscard]] double squares_beside_first(std::int64_t row) const;
  [[nodiscard]] const std::vector<std::uint8_t>& active() const { return active_; }
  [[nodiscard]] const std::vector<double>& pivots() const { return pivots_; }

 private:
  Matrix factor_;  ///< lower
  std::vector<std::uint8_t> active_;
  std::vector<double> pivots_;
};

}  // namespace cohort
