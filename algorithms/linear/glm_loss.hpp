// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/linear/glm.hpp"
#include "algorithms/linear/glm_objective.hpp"

namespace cohort {

/// The loss of a model with its penalties, and which coefficients may move: not those of constant columns and offsets.
class GlmLoss {
 public:
  GlmLoss(const Glm::Params& params, const FittedDesign& fitted, const GlmObjective& objective);

  /// Collective. The objective's pass, with loss, gradient and second derivative of the L2 penalty and the L1 loss.
  [[nodiscard]] GlmEvaluation evaluate(const std::vector<double>& coefficients,
                                       GlmObjective::Sums sums = GlmObjective::Sums::likelihood);
  [[nodiscard]] const std::vector<double>& null() const { return null_; }  ///< a constant mean, and the offset
  [[nodiscard]] const std::vector<std::uint8_t>& movable() const { return movable_; }
  [[nodiscard]] double l1(std::size_t j) const { return unit_ * l1_[j]; }
  [[nodiscard]] double l1_of(const std::vector<double>& coefficients) const;

 private:
  const Glm::Params& params_;
  const GlmObjective& objective_;
  std::vector<double> null_;
  std::vector<double> l1_, l2_;  ///< of each standardised coefficient, times unit_
  double unit_ = 1;              ///< known from the first pass on
  std::vector<std::uint8_t> movable_;
};

}  // namespace cohort
