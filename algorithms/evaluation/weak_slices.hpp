// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/evaluation/feature_profile.hpp"
#include "algorithms/evaluation/row_loss.hpp"
#include "core/context.hpp"

namespace cohort {

/// Customers of whom a model is worse than of the others: those with a value of a feature, or of two (cf. Chung et al.,
/// "Slice Finder", ICDE 2019).
struct WeakSlice {
  std::string name;  ///< "tenure < 9 and contract = Month-to-month"
  std::int64_t rows = 0;
  double loss = 0, loss_elsewhere = 0;  ///< means
  double bias = 0;                      ///< mean of prediction - label
  double p_value = 1, q_value = 1;      ///< of no worse loss than elsewhere; among all slices looked at
};

struct WeakSliceParams {
  std::int64_t min_rows = 100;
  double max_q = 0.05;
  std::size_t most = 20;
};

struct WeakSlices {
  std::vector<WeakSlice> slices;  ///< those that cost most in all first
  std::int64_t looked_at = 0;     ///< slices of at least min_rows
};

/// Collective. Looks at all values of features in four ranges or their most frequent levels, and at all pairs of them,
/// in two passes: the largest loss, then exact sums by slice, 56 bytes each in one all-reduce. Welch's test by the
/// normal distribution. A pair is told only where it is worse than either of its values alone.
[[nodiscard]] WeakSlices weak_slices(const LabelledRows& rows, const std::vector<FeatureProfile>& profiles,
                                     const PredictBlock& predict, RowLoss loss, const WeakSliceParams& params,
                                     const Context& context);

}  // namespace cohort
