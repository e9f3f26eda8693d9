// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/linear/glm_objective.hpp"

namespace cohort {

/// A convex loss that Newton's method goes down: smooth, but for an L1 penalty where it shrinks.
class NewtonLoss {
 public:
  virtual ~NewtonLoss() = default;

  /// Collective. Loss, gradient and second derivative, with penalties; of an L1 penalty the loss alone.
  [[nodiscard]] virtual GlmEvaluation evaluate(const std::vector<double>& at) = 0;
  [[nodiscard]] virtual const std::vector<double>& null() const = 0;  ///< where to begin
  [[nodiscard]] virtual const std::vector<std::uint8_t>& movable() const = 0;
  [[nodiscard]] virtual bool is_quadratic() const { return false; }
  [[nodiscard]] virtual bool shrinks() const { return false; }
  [[nodiscard]] virtual double l1(std::size_t) const { return 0; }  ///< the penalty on an unknown
  [[nodiscard]] virtual double l1_of(const std::vector<double>&) const { return 0; }
};

}  // namespace cohort
