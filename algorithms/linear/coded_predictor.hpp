// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "algorithms/linear/design_matrix.hpp"

namespace cohort {

/// A linear predictor over coded chunks. The columns of a category are (0 or 1 - mean) / sd: all means go into one
/// constant, so a row costs its numbers and one look-up for each category, however many levels there are.
class CodedPredictor {
 public:
  /// `standardised`: the intercept, then a coefficient for each term of the design.
  CodedPredictor(const DesignMatrix& design, std::span<const double> standardised);

  /// The predictors of a chunk's gram_rows rows; of those beyond the end, the constant.
  void operator()(const CodedChunk& chunk, double* eta) const;
  /// No predictor of rows like those learned from is farther from 0.
  [[nodiscard]] double largest() const { return largest_; }

 private:
  double constant_, largest_;
  std::vector<double> numbers_;
  std::vector<double> steps_;  ///< by 1 + term: what its level adds; 0 for none
};

}  // namespace cohort
