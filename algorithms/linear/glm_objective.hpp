// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "algorithms/linear/design_matrix.hpp"
#include "algorithms/linear/glm_limits.hpp"
#include "algorithms/linear/glm_rows.hpp"
#include "algorithms/statistics/matrix.hpp"

namespace cohort {

/// What a pass over the rows tells at one point. Index 0 is the intercept, then the terms of the design.
struct GlmEvaluation {
  double loss = 0;               ///< infinite where a mean leaves the range of doubles: then nothing else is set
  double weight = 0;             ///< of all rows
  std::vector<double> gradient;  ///< minus the derivative of the loss
  Matrix hessian;                ///< upper triangle
};

/// The loss of a generalised linear model over all rows, as a function of the coefficients of standardised columns.
class GlmObjective {
 public:
  /// What stands in the place of the second derivative, and of the loss.
  enum class Sums {
    likelihood,   ///< the loss and its own second derivative
    information,  ///< Pearson's chi-squared and the expected second derivative
    scores,       ///< the loss and products of the rows' gradients
    jackknife     ///< the same, each gradient divided by 1 - leverage
  };
  /// A chunk of rows after glm_rows: standardised columns of gram_rows values, the intercept's first.
  using EachChunk = std::function<void(double* columns, GlmRows& rows, const NumericBlock& block, std::int64_t first)>;

  /// `class_weights`: as load_rows takes them. All must outlive the objective.
  GlmObjective(GlmFamily family, const LabelledRows& rows, const FittedDesign& fitted,
               std::vector<double> class_weights, const Context& context);

  /// Collective. One fused pass: predictor, mean, loss, gradient and weighted Gram matrix. With log link, a pass that
  /// finds the range of the predictor goes before it. `bread` is the inverse of the information, for `jackknife`.
  [[nodiscard]] GlmEvaluation evaluate(const std::vector<double>& coefficients, Sums sums = Sums::likelihood,
                                       const Matrix& bread = {}) const;
  /// Calls `each` for the chunks of a block of this rank.
  void for_chunks(const NumericBlock& block, const std::vector<double>& coefficients, const EachChunk& each) const;
  /// Bits of the largest gradient of one row, by coefficient. Collective with log link.
  [[nodiscard]] std::vector<int> score_bounds(const std::vector<double>& coefficients) const;

  [[nodiscard]] std::int64_t size() const { return size_; }
  [[nodiscard]] const LabelledRows& rows() const { return rows_; }
  [[nodiscard]] const Context& context() const { return context_; }

 private:
  struct Workspace;
  [[nodiscard]] PredictorRange range(const std::vector<double>& coefficients) const;
  [[nodiscard]] std::vector<int> reach() const;
  [[nodiscard]] std::vector<int> bounds(const PredictorRange& eta, Sums sums, double leverage) const;
  [[nodiscard]] double largest_leverage(const std::vector<double>& coefficients, const Matrix& bread) const;
  void add_block(const NumericBlock& block, const std::vector<double>& coefficients, Sums sums, const Matrix& bread,
                 Workspace& work) const;
  void load_chunk(const NumericBlock& block, std::int64_t first, double* columns, GlmRows& rows) const;
  void put_in_place(Sums sums, const Matrix& bread, const double* columns, GlmRows& rows, double& loss) const;

  GlmFamily family_;
  const LabelledRows& rows_;
  const FittedDesign& fitted_;
  std::vector<double> class_weights_;
  const Context& context_;
  DesignEncoder encoder_;
  std::int64_t size_;
};

}  // namespace cohort
