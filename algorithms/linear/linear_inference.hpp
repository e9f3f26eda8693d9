// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace cohort {

/// Two-sided tail and quantile of Student's t with `freedom` degrees; the normal distribution for infinity. The tail is
/// the regularised incomplete beta function by its continued fraction (Lentz).
[[nodiscard]] double two_sided_p(double t, double freedom);
/// The t with two_sided_p(t, freedom) == 0.05: half the width of a 95 % interval in standard errors.
[[nodiscard]] double interval_half_width(double freedom);

}  // namespace cohort
