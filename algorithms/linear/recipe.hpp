// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/fields.hpp"

namespace cohort {

/// Columns made of a table's before a design codes them: logarithms, quantile bins, categories as numbers or hashed,
/// interactions. Travels with the model.
struct Recipe {
  struct Params {
    std::vector<std::string> log, log1p, bins, target, woe, hash, interactions;
    std::int64_t n_bins = 5, n_buckets = 64;
    double smoothing = 20;
    void describe(Fields& f);
    [[nodiscard]] bool empty() const;
  };

  enum class Kind : std::int64_t {
    same = 0,
    log1p = 1,
    bins = 2,     ///< the quantile bin of a number, as a category
    coded = 3,    ///< a number for each level of a category: the mean of its labels, or its weight of evidence
    hash = 4,     ///< one of so many buckets of a category, as a category
    product = 5,  ///< of two numbers
    gated = 6,    ///< a number where a category has a level, and 0 elsewhere
    crossed = 7,  ///< the pair of levels of two categories, as a category
    log = 8,
  };

  struct Column {
    std::string name;
    std::int64_t kind = 0;
    std::string first, second;        ///< columns of the table
    std::vector<double> cuts;         ///< bins: ascending; a value on a cut lies above it
    std::vector<std::string> levels;  ///< coded: by bytes; gated: the one; crossed: the pairs, "a & b"
    std::vector<double> values;       ///< coded: of each level, of missing values, of levels not met
    std::int64_t buckets = 0;
    /// Coded: values for the rows of each fold, learned from the others; these do not travel.
    std::vector<std::vector<double>> out_of_fold;

    template <class Archive>
    void archive(Archive& members) {
      members("name", name);
      members("kind", kind);
      members("first", first);
      members("second", second);
      members("cuts", cuts);
      std::string text = joined(levels);  // one array: there may be 100,000 of them
      members("levels", text);
      levels = parted(text);
      members("values", values);
      members("buckets", buckets);
    }
  };

  std::vector<std::string> sources;  ///< all columns of the table that it needs
  std::vector<Column> columns;       ///< empty: those of the table as they are

  template <class Archive>
  void archive(Archive& members) {
    members("sources", sources);
    members("columns", columns);
  }

  static constexpr std::int64_t folds = 5;
  /// The fold of a row, by its number in the dataset.
  [[nodiscard]] static std::size_t fold_of(std::int64_t row);
  [[nodiscard]] static std::string joined(const std::vector<std::string>& texts);
  [[nodiscard]] static std::vector<std::string> parted(const std::string& text);
};

}  // namespace cohort
