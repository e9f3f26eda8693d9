// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "algorithms/linear/glm.hpp"
#include "algorithms/linear/newton_loss.hpp"

namespace cohort {

/// The loss of a model with its penalties, and which coefficients may move: not those of constant columns and offsets.
class GlmLoss final : public NewtonLoss {
 public:
  /// Collective. What the rows say at a point; a Hessian without rows where no second derivative is asked for.
  using OfRows = std::function<GlmEvaluation(const std::vector<double>&)>;
  GlmLoss(const Glm::Params& params, const FittedDesign& fitted, OfRows of_rows);

  /// Collective. What the rows say, with loss, gradient and second derivative of the L2 penalty and the L1 loss.
  [[nodiscard]] GlmEvaluation evaluate(const std::vector<double>& coefficients) override;
  [[nodiscard]] const std::vector<double>& null() const override { return null_; }  ///< a constant mean, and the offset
  [[nodiscard]] const std::vector<std::uint8_t>& movable() const override { return movable_; }
  [[nodiscard]] bool is_quadratic() const override { return params_.family == GlmFamily::gaussian; }
  [[nodiscard]] bool shrinks() const override { return params_.l1 > 0; }
  [[nodiscard]] double l1(std::size_t j) const override { return unit_ * l1_[j]; }
  [[nodiscard]] double l1_of(const std::vector<double>& coefficients) const override;

 private:
  const Glm::Params& params_;
  OfRows of_rows_;
  std::vector<double> null_;
  std::vector<double> l1_, l2_;  ///< of each standardised coefficient, times unit_
  double unit_ = 1;              ///< known from the first pass on
  std::vector<std::uint8_t> movable_;
};

}  // namespace cohort
