// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "algorithms/linear/glm_rows.hpp"
#include "algorithms/statistics/moments.hpp"
#include "core/parts.hpp"

namespace cohort {

/// Where the predictors of all rows lie.
struct PredictorRange {
  double low = 0, high = 0;
  [[nodiscard]] double largest() const { return std::max(std::abs(low), std::abs(high)); }
};

/// The range that blocks of rows have been seen to have.
struct PredictorExtremes {
  std::vector<double> low{std::numeric_limits<double>::infinity()}, high{-std::numeric_limits<double>::infinity()};
  void add(double x) {
    low[0] = std::min(low[0], x);
    high[0] = std::max(high[0], x);
  }
  void parts(Parts& parts) {
    parts.min(low);
    parts.max(high);
  }
};

/// Bits of the largest loss, residual, curvature and chi-squared of a row of weight 1: what bounds exact sums of them.
struct RowLimits {
  int loss, residual, curvature, chi_squared;
};
[[nodiscard]] RowLimits row_limits(GlmFamily family, const ColumnMoments& label, const PredictorRange& eta);

}  // namespace cohort
