// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/context.hpp"

namespace cohort {

/// What predictions of numbers are worth on rows with known labels.
struct RegressionMetrics {
  std::int64_t rows = 0;
  double rmse = 0, mae = 0;
  double r2 = 0;  ///< 1 - squared errors / squared distances from the mean label; NaN for equal labels
};

struct PredictedRow {
  double prediction = 0, label = 0;
};
/// Appends the rows of a block of this rank.
using PredictedBlocks = std::function<void(int worker, std::int64_t block, std::vector<PredictedRow>& rows)>;

/// Collective. Two passes: extremes, then exact sums.
[[nodiscard]] RegressionMetrics regression_metrics(std::int64_t blocks, const PredictedBlocks& predicted,
                                                   const Context& context);

}  // namespace cohort
