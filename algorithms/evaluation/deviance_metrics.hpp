// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/evaluation/judged_rows.hpp"
#include "core/context.hpp"

namespace cohort {

/// What predicted means are worth under a law whose variance is the mean to a power (1 Poisson, 2 gamma).
struct DevianceMetrics {
  double mean_deviance = 0;  ///< scikit-learn's mean_tweedie_deviance; NaN where the law has no such label
  double d2 = 0;             ///< 1 - deviance / deviance of the mean label; NaN for equal labels
};

/// Collective. Weighted. Two passes: extremes, then exact sums.
[[nodiscard]] DevianceMetrics deviance_metrics(double power, const JudgedRows& judged, const Context& context);

/// Whether the law has such labels.
[[nodiscard]] constexpr bool law_has(double power, double label) {
  return label > 0 || (label == 0 && power < 2);
}

/// Twice the log-likelihood lost by a mean against the label itself (Jorgensen 1997).
[[nodiscard]] double unit_deviance(double power, double label, double mean);

}  // namespace cohort
