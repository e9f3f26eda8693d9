// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/prediction/cross_validation.hpp"

namespace cohort {

/// Collective. Judges a model as its parameters ask: by the rows of a later table, by those held out, by out-of-fold
/// predictions, or by those it learned from, in this order; with the tables of a cross-validation and a learning curve
/// where these are asked for.
[[nodiscard]] Judgement judge_training(const TrainingTable& table, const CustomerRows& rows, const Fitted& model,
                                       const Learn& learn, const StepContext& step);

}  // namespace cohort
