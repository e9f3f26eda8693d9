// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "algorithms/linear/design_matrix.hpp"
#include "algorithms/linear/gram_tile.hpp"

namespace cohort {

/// The terms whose contributions to a linear predictor, against the average row, are the largest. A row has one level
/// of a category, and of the levels that it lacks only the few whose absence says most can be among them: so a row
/// costs its numbers and four terms a category.
class LinearReasons {
 public:
  static constexpr std::size_t most = 3;
  using OfRow = std::array<std::int32_t, most>;  ///< numbers in labels(), the largest first; -1: no more

  /// `standardised`: the intercept, then a coefficient for each term of the design.
  LinearReasons(const DesignMatrix& design, std::span<const double> standardised);

  /// Of row i of a chunk; of equal contributions, the earlier term.
  [[nodiscard]] OfRow operator()(const CodedChunk& chunk, std::size_t i) const;
  /// "tenure (+)", "Contract=Two year (-)": term t raises the predictor as label 2 t, lowers it as 2 t + 1.
  [[nodiscard]] static std::vector<std::string> labels(const DesignMatrix& design);

 private:
  struct Contribution {
    double value = 0;
    std::int32_t term = -1;
    [[nodiscard]] bool before(const Contribution& other) const;
  };
  struct Number {
    double coefficient = 0;
    std::int32_t term = 0;
  };
  std::vector<Number> numbers_;
  std::vector<double> present_;                    ///< of each term, where a row has its level
  std::vector<std::vector<Contribution>> absent_;  ///< of each category, the most telling first
};

}  // namespace cohort
