// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/linear/design_matrix.hpp"
#include "core/context.hpp"

namespace cohort {

/// How levels become numbers: smoothed by `smoothing` rows of the mean of all.
struct LevelCoding {
  bool weight_of_evidence = false;
  double smoothing = 20;
};

/// Collective. Sets levels, values and out_of_fold of a coded column from the used rows (Micci-Barreca, SIGKDD
/// Explorations 2001; out-of-fold as scikit-learn's TargetEncoder). Two passes: the largest label, exact sums by level
/// and fold. Throws Error(bad_config) for weights of evidence of labels other than 0 and 1.
void learn_codes(const LabelledRows& rows, std::size_t feature, const LevelCoding& coding, Recipe::Column& column,
                 const Context& context);

}  // namespace cohort
