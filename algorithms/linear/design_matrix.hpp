// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "algorithms/linear/recipe_columns.hpp"
#include "algorithms/statistics/moments.hpp"
#include "core/block.hpp"
#include "core/context.hpp"
#include "core/error.hpp"
#include "core/fields.hpp"

namespace cohort {

/// Rows to learn from: a table of features, then the label, then the weight. A row of weight 0 or without a label is
/// left out. A category column holds codes.
struct LabelledRows {
  const NumericTable& table;
  std::vector<std::vector<std::string>> labels;  ///< of each feature: its labels by code; empty for numbers
  std::size_t cluster = 0;                       ///< number of the column that names each row's cluster; 0: none
  std::string spill_folder;                      ///< where parts of clusters wait that do not fit in memory

  [[nodiscard]] std::size_t features() const { return labels.size(); }
  [[nodiscard]] std::vector<std::string> feature_names() const {
    return {table.columns().begin(), table.columns().begin() + std::ssize(labels)};
  }
  [[nodiscard]] std::span<const double> label(const NumericBlock& block) const { return block.columns[features()]; }
  [[nodiscard]] std::span<const double> weight(const NumericBlock& block) const {
    return block.columns[features() + 1];
  }
};

/// How the columns of a linear model come from the columns of a table: numbers as they are, a category as one column of
/// 0 and 1 for each level but the first. Travels with the model.
struct DesignMatrix {
  static constexpr const char* missing_level = "(missing)";

  struct Params {
    std::string scale = "none";
    bool drop_first = true;
    std::string impute = "none";
    double fill_value = 0;
    std::string unseen = "reference";
    Recipe::Params recipe;
    void describe(Fields& f);
  };

  struct Feature {
    std::string name;
    std::int64_t categorical = 0;
    std::vector<std::string> levels;  ///< seen while learning, by bytes; last the level of missing values, if learnt
    double fill = 0;                  ///< for missing numbers
    std::int64_t fills = 0;           ///< 0: a missing value is an error

    template <class Archive>
    void archive(Archive& members) {
      members("name", name);
      members("categorical", categorical);
      std::string text = Recipe::joined(levels);  // one array: there may be a million of them
      members("levels", text);
      levels = Recipe::parted(text);
      members("fill", fill);
      members("fills", fills);
    }
  };

  /// One column. The fit sees (x - mean) / sd; sd is 0 for a constant.
  struct Term {
    std::string name;  ///< "tenure", "Contract=Two year"
    std::int64_t feature = 0, level = -1;
    double mean = 0, sd = 0;
    double reach = 0;  ///< the largest |(x - mean) / sd| while learning
  };

  Recipe recipe;  ///< what the features are made by
  std::vector<Feature> features;
  std::vector<Term> terms;  ///< feature by feature, level by level
  std::int64_t refuses_unseen = 0;

  template <class Archive>
  void archive(Archive& members) {
    members("recipe", recipe);
    members("features", features);
    archive_terms(members);
    members("refuses_unseen", refuses_unseen);
  }
  /// The terms that are numbers, ascending; all others are levels of categories.
  [[nodiscard]] std::vector<std::size_t> numbers() const;
  /// The columns of a table that it needs.
  [[nodiscard]] std::vector<std::string> columns() const;

 private:
  /// An array for each member: there may be a million terms.
  template <class Archive>
  void archive_terms(Archive& members) {
    std::vector<std::string> names;
    std::vector<std::int64_t> of_features, levels;
    std::vector<double> means, sds, reaches;
    for (const Term& term : terms) {
      names.push_back(term.name);
      of_features.push_back(term.feature);
      levels.push_back(term.level);
      means.push_back(term.mean);
      sds.push_back(term.sd);
      reaches.push_back(term.reach);
    }
    std::string text = Recipe::joined(names);
    members("terms/name", text);
    members("terms/feature", of_features);
    members("terms/level", levels);
    members("terms/mean", means);
    members("terms/sd", sds);
    members("terms/reach", reaches);
    names = Recipe::parted(text);
    const std::array sizes{of_features.size(), levels.size(), means.size(), sds.size(), reaches.size()};
    if (std::ranges::count(sizes, names.size()) != std::ssize(sizes)) {
      throw Error(ExitCode::bad_data, "the terms of the model's design are damaged", "train the model again");
    }
    terms.clear();
    for (std::size_t t = 0; t < names.size(); ++t) {
      terms.push_back({names[t], of_features[t], levels[t], means[t], sds[t], reaches[t]});
    }
  }
};

/// A design and what the passes that made it learned of the label.
struct FittedDesign {
  DesignMatrix design;
  ColumnMoments label;
  double largest_weight = 0;
};

/// Collective. Learns levels, means and deviations: one pass, one more for categories, and those of the recipe. Throws
/// Error(bad_data) naming the column for missing values without `impute`, an empty column, infinite values and negative
/// weights, and for no rows at all.
[[nodiscard]] FittedDesign fit_design(const DesignMatrix::Params& params, const LabelledRows& rows,
                                      const Context& context);

/// gram_rows rows of a design in short: what a row costs is its numbers and one term for each category.
struct CodedChunk {
  std::vector<double> numbers;      ///< standardised, number after number; 0 beyond the end
  std::vector<std::int32_t> terms;  ///< category after category: each row's term; -1: reference level, or no row
};

/// Applies a design to blocks of a table. Thread-safe.
class DesignEncoder {
 public:
  /// `labels` as in LabelledRows, for `columns`. Throws Error(bad_data) naming a column that is not there or of the
  /// other kind.
  DesignEncoder(const DesignMatrix& design, const std::vector<std::string>& columns,
                const std::vector<std::vector<std::string>>& labels, RecipeUse use = RecipeUse::apply);

  /// Rows [first, first + gram_rows) as standardised columns of gram_rows values, term after term; 0 beyond the end.
  /// Throws Error(bad_data) naming the column for values that do not fit.
  void encode(const NumericBlock& block, std::int64_t first, double* to) const;
  /// The same rows in short; throws alike.
  void encode(const NumericBlock& block, std::int64_t first, CodedChunk& to) const;

 private:
  template <class To>
  void encode_into(const NumericBlock& block, std::int64_t first, To& to) const;
  void find_columns(const std::vector<std::string>& columns, const std::vector<std::vector<std::string>>& labels);
  void encode_made(const NumericBlock& made, std::int64_t first, double* to) const;
  void encode_made(const NumericBlock& made, std::int64_t first, CodedChunk& to) const;
  void encode_number(std::size_t feature, std::span<const double> values, std::int64_t first_row, double* to) const;
  void encode_category(std::size_t feature, std::span<const double> codes, std::int64_t first_row, double* to) const;
  [[nodiscard]] std::int64_t level_of(std::size_t feature, double code, std::int64_t row) const;
  [[nodiscard]] std::int64_t term_of(std::size_t feature, double code, std::int64_t row) const;

  DesignMatrix design_;
  std::optional<RecipeColumns> recipe_;
  std::vector<std::size_t> positions_;                    ///< of each feature among the columns, or those made
  std::vector<std::size_t> first_term_;                   ///< of each feature, and the end
  std::vector<std::vector<std::int64_t>> level_of_code_;  ///< -1: unseen
  std::vector<std::vector<std::int64_t>> term_of_level_;  ///< -1: the reference level
};

}  // namespace cohort
