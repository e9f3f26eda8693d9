// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/evaluation/row_loss.hpp"
#include "algorithms/linear/design_matrix.hpp"
#include "core/context.hpp"

namespace cohort {

/// What a model owes to each of its features, and what it makes of them.
struct FeatureEffects {
  struct Params {
    std::int64_t repeats = 5;
    std::int64_t rows = 50000;  ///< about so many are looked at, drawn by row; 0: all
    std::uint64_t seed = 0;
    std::vector<std::vector<double>> grid;  ///< of each feature: values at which its partial dependence is told
  };
  /// Permutation importance (Breiman, Machine Learning 2001): the mean increase of the loss when the feature's values
  /// are dealt out anew among the rows of a block. Its standard error is over rows.
  struct Importance {
    double increase = 0, standard_error = 0;
  };

  std::int64_t rows = 0;
  double loss = 0;  ///< mean of the rows looked at
  std::vector<Importance> importance;
  std::vector<std::vector<double>> dependence;  ///< mean prediction with the feature at each value of its grid
};

/// Collective. One pass; each row looked at is predicted features x (repeats + grid) times. No value leaves its block:
/// customers lie in blocks by a hash, so dealing out within a block is as good as dealing out at large.
[[nodiscard]] FeatureEffects feature_effects(const LabelledRows& rows, const PredictBlock& predict, RowLoss loss,
                                             const FeatureEffects::Params& params, const Context& context);

}  // namespace cohort
