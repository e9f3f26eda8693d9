// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/linear/design_matrix.hpp"
#include "algorithms/linear/glm_objective.hpp"

namespace cohort {

/// The loss of a multinomial logistic model with its second derivative, for few coefficients: those of all classes but
/// the first, class after class.
class SoftmaxObjective {
 public:
  /// Labels are numbers of classes; `class_weights` as load_rows takes them. All must outlive the objective.
  SoftmaxObjective(std::int64_t classes, const LabelledRows& rows, const FittedDesign& fitted,
                   std::vector<double> class_weights, const Context& context);

  /// Collective. One pass. Of each pair of classes a and b one Gram matrix with weights p_a p_b: as p_a (1 - p_a) is
  /// the sum of p_a p_b over the others, the second derivative is made of these alone, and none of them cancels.
  [[nodiscard]] GlmEvaluation evaluate(const std::vector<double>& coefficients) const;

 private:
  struct Workspace;
  [[nodiscard]] std::vector<int> bounds(const std::vector<double>& coefficients) const;
  void add_block(const NumericBlock& block, const std::vector<double>& coefficients, Workspace& work) const;
  void add_pairs(Workspace& work) const;
  [[nodiscard]] GlmEvaluation evaluation_of(const ExactSums& sums) const;

  std::int64_t classes_;
  const LabelledRows& rows_;
  const FittedDesign& fitted_;
  std::vector<double> class_weights_;
  const Context& context_;
  DesignEncoder encoder_;
  std::int64_t size_;  ///< of a class
};

}  // namespace cohort
