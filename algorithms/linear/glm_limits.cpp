// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/glm_limits.hpp"

#include "core/elementary.hpp"
#include "core/exact_sums.hpp"

namespace cohort {

RowLimits row_limits(GlmFamily family, const ColumnMoments& moments, const PredictorRange& eta) {
  const double label = std::max(std::abs(moments.min), std::abs(moments.max)), far = eta.largest();
  if (family == GlmFamily::gaussian) {
    const int error = magnitude_bound(label + far);
    return {.loss = 2 * error, .residual = error, .curvature = 0, .chi_squared = 2 * error};
  }
  if (family == GlmFamily::binomial) {
    const int odds = magnitude_bound(cohort::exp(std::min(far, largest_log_mean)));
    return {.loss = magnitude_bound(far + 1) + 1, .residual = 1, .curvature = 0, .chi_squared = odds + 1};
  }
  const double p = family.power;
  const auto largest = [&](double power) { return cohort::exp(std::max(power * eta.low, power * eta.high)); };
  const double of_label = label * largest(1 - p), of_mean = largest(2 - p);
  const double loss = (p == 1 ? label * far : of_label / (p - 1)) + (p == 2 ? far : of_mean / (2 - p));
  const double distance = std::max(label, largest(1));
  return {.loss = magnitude_bound(loss),
          .residual = magnitude_bound(std::max(of_label, of_mean)),
          .curvature = magnitude_bound(of_label + of_mean),
          .chi_squared = 2 * magnitude_bound(distance) + magnitude_bound(largest(-p))};
}

}  // namespace cohort
