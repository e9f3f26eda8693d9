// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

#include "core/block.hpp"
#include "core/elementary.hpp"

namespace cohort {

/// What a model says of the rows of a block.
using PredictBlock = std::function<std::vector<double>(const NumericBlock& block)>;

/// What a prediction costs: logarithmic for probabilities (label 1 or 0), squared for numbers.
enum class RowLoss { logarithmic, squared };

/// As scikit-learn, a certain answer that is wrong costs 36 and not infinity.
[[nodiscard]] inline double row_loss(RowLoss loss, double prediction, double label) {
  if (loss == RowLoss::squared) return (prediction - label) * (prediction - label);
  constexpr double least = std::numeric_limits<double>::epsilon();
  return -cohort::log(std::clamp(label > 0 ? prediction : 1 - prediction, least, 1 - least));
}

}  // namespace cohort
