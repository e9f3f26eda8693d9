// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "algorithms/linear/glm_rows.hpp"

namespace cohort {

/// Probabilities of classes from the predictors of all but the first, whose predictor is 0: gram_rows values for each
/// class after the other, both. Same bits at each instruction level.
void softmax_probabilities(std::int64_t classes, const double* eta, double* probabilities);

/// The same for a chunk whose labels are numbers of classes; turns `eta` into residuals, weight x ((label is the class)
/// - probability), and returns the sum of weight x minus the log of the label's probability.
[[nodiscard]] double softmax_respond(std::int64_t classes, const GlmRows& rows, double* eta, double* probabilities);

}  // namespace cohort
