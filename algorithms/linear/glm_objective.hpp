// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/linear/design_matrix.hpp"
#include "algorithms/linear/glm_rows.hpp"
#include "algorithms/statistics/matrix.hpp"

namespace cohort {

/// What a Newton step needs to know at one point. Index 0 is the intercept, then the terms of the design.
struct GlmEvaluation {
  double loss = 0;
  std::vector<double> gradient;  ///< minus the derivative of the loss
  Matrix hessian;                ///< upper triangle
};

/// The loss of a generalised linear model over all rows, as a function of the coefficients of standardised columns.
class GlmObjective {
 public:
  /// `class_weights` multiply the weights of rows with label 0 and 1. All must outlive the objective.
  GlmObjective(GlmFamily family, const LabelledRows& rows, const FittedDesign& fitted,
               std::vector<double> class_weights, const Context& context);

  /// Collective. One fused pass: predictor, mean, loss, gradient and weighted Gram matrix.
  [[nodiscard]] GlmEvaluation evaluate(const std::vector<double>& coefficients) const;
  [[nodiscard]] std::int64_t size() const { return size_; }

 private:
  struct Workspace;
  [[nodiscard]] std::vector<int> bounds(const std::vector<double>& coefficients) const;
  void add_block(const NumericBlock& block, const std::vector<double>& coefficients, Workspace& work) const;
  void load_rows(const NumericBlock& block, std::int64_t first, GlmRows& rows) const;

  GlmFamily family_;
  const LabelledRows& rows_;
  const FittedDesign& fitted_;
  std::vector<double> class_weights_;
  const Context& context_;
  DesignEncoder encoder_;
  std::int64_t size_;
};

}  // namespace cohort
