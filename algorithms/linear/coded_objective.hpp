// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/linear/design_matrix.hpp"
#include "algorithms/linear/glm_limits.hpp"
#include "core/context.hpp"

namespace cohort {

class CodedPredictor;

/// What the label follows: a generalised linear model, or one of so many classes.
struct Response {
  GlmFamily family;
  std::int64_t classes = 0;  ///< multinomial, with the first class as reference, where it is above 0
  [[nodiscard]] std::int64_t outputs() const { return classes > 0 ? classes - 1 : 1; }
};

/// Loss and gradient at one point.
struct CodedEvaluation {
  double loss = 0;               ///< infinite where a mean leaves the range of doubles: then nothing else is set
  double weight = 0;             ///< of all rows
  double curvature = 0;          ///< of the loss along the first intercept
  std::vector<double> downhill;  ///< minus the gradient; output after output, each an intercept and its terms
};

/// The loss of a model over rows that are coded, not spread out: a pass costs its numbers and one place for each
/// category of a row, so a category may have a million levels. Memory of a thread: 45 bytes a coefficient.
class CodedObjective {
 public:
  /// `class_weights`: as load_rows takes them. All must outlive the objective.
  CodedObjective(Response response, const LabelledRows& rows, const FittedDesign& fitted,
                 std::vector<double> class_weights, const Context& context);

  /// Collective. Over all rows, or those of a table with the same columns and no more rows. With log link, a pass for
  /// the range of the predictor goes before.
  [[nodiscard]] CodedEvaluation evaluate(const std::vector<double>& coefficients) const;
  [[nodiscard]] CodedEvaluation evaluate(const std::vector<double>& coefficients, const NumericTable& table) const;

  [[nodiscard]] std::int64_t size() const { return response_.outputs() * terms_; }

 private:
  struct Workspace;
  [[nodiscard]] PredictorRange range(const std::vector<CodedPredictor>& predictors, const NumericTable& table) const;
  [[nodiscard]] std::vector<int> bounds(const PredictorRange& eta) const;
  void load(const NumericBlock& block, std::int64_t first, Workspace& work) const;
  void add_block(const NumericBlock& block, const std::vector<CodedPredictor>& predictors, Workspace& work) const;

  Response response_;
  const LabelledRows& rows_;
  const FittedDesign& fitted_;
  std::vector<double> class_weights_;
  const Context& context_;
  DesignEncoder encoder_;
  std::int64_t terms_;  ///< with the intercept
  std::vector<std::size_t> numbers_;
};

}  // namespace cohort
