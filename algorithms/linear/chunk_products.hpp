// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "algorithms/linear/glm_rows.hpp"

namespace cohort {

// Columns of gram_rows values times coefficients, and times residuals. Same bits at each instruction level.

/// Adds the sum of coefficient x column to the gram_rows values of `to`.
void add_predictor(const double* columns, std::int64_t count, const double* coefficients, double* to);

/// Adds residual x value to `gradient`: glm_lanes sums for each column.
void add_gradient(const double* columns, std::int64_t count, const double* residual, double* gradient);

}  // namespace cohort
