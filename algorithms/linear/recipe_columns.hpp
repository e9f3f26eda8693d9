// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/linear/recipe.hpp"
#include "core/block.hpp"

namespace cohort {

/// Whether a recipe is followed to learn from rows, or to apply what was learned to others: a category that is coded by
/// its labels must not see the row's own.
enum class RecipeUse { apply, learn };

/// A recipe with columns, at work on blocks of a table. Thread-safe.
class RecipeColumns {
 public:
  /// `labels`: of each of `columns`, by code; empty for numbers. Throws Error(bad_data) naming a column that is not
  /// there or of the other kind.
  RecipeColumns(const Recipe& recipe, const std::vector<std::string>& columns,
                const std::vector<std::vector<std::string>>& labels, RecipeUse use);

  [[nodiscard]] std::vector<std::string> names() const;
  /// Of each column it makes, by code; empty for numbers.
  [[nodiscard]] const std::vector<std::vector<std::string>>& labels() const { return labels_; }
  /// The columns of rows [first, first + rows) of a block. Throws Error(bad_data) for what has no logarithm.
  void make(const NumericBlock& block, std::int64_t first, std::int64_t rows,
            std::vector<std::vector<double>>& to) const;

 private:
  struct Maker {
    Recipe::Column column;
    std::size_t first = 0, second = 0;          ///< positions
    std::vector<double> of_code;                ///< what a code of the first column becomes
    std::vector<std::vector<double>> of_folds;  ///< coded, to learn: the same by fold
    std::vector<std::vector<double>> of_pair;   ///< crossed: by both codes
    std::vector<std::uint8_t> open;             ///< gated: the second column's codes
  };
  void prepare(Maker& maker, const std::vector<std::vector<std::string>>& labels);
  void make_one(const Maker& maker, const NumericBlock& block, std::int64_t first, std::vector<double>& to) const;

  RecipeUse use_;
  std::vector<Maker> makers_;
  std::vector<std::vector<std::string>> labels_;
};

}  // namespace cohort
