// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/linear/design_matrix.hpp"
#include "algorithms/statistics/matrix.hpp"

namespace cohort {

/// Coefficients of standardised columns, the intercept first, in the units of the columns.
[[nodiscard]] std::vector<double> own_units(const DesignMatrix& design, std::span<const double> standardised);

/// Their standard errors from the covariance of the standardised ones, of which the intercept is row `first`; NaN where
/// `given` is 0.
[[nodiscard]] std::vector<double> own_unit_errors(const DesignMatrix& design, const Matrix& covariance,
                                                  std::size_t first, std::span<const std::uint8_t> given);

/// 1 for each verdict that says nothing against a coefficient.
[[nodiscard]] std::vector<std::uint8_t> where_zero(std::span<const std::int64_t> verdicts);

}  // namespace cohort
