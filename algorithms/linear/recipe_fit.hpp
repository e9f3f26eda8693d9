// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "algorithms/linear/design_matrix.hpp"
#include "algorithms/linear/recipe_columns.hpp"
#include "core/context.hpp"

namespace cohort {

/// Collective. Learns a recipe for the features of the used rows: bins from a sample of at least 16,384 rows, the codes
/// of levels by two passes over all. Throws Error(bad_config) naming what cannot be taken so.
[[nodiscard]] Recipe fit_recipe(const Recipe::Params& params, const LabelledRows& rows, const Context& context);

/// Rows to learn from as a recipe makes them: its columns, then label and weight.
class RecipeTable final : public NumericTable {
 public:
  RecipeTable(const Recipe& recipe, const LabelledRows& rows);

  [[nodiscard]] const std::vector<std::string>& columns() const override { return names_; }
  [[nodiscard]] std::int64_t total_rows() const override { return rows_.table.total_rows(); }
  [[nodiscard]] std::int64_t block_count() const override { return rows_.table.block_count(); }
  [[nodiscard]] std::int64_t block_rows(std::int64_t index) const override { return rows_.table.block_rows(index); }
  [[nodiscard]] std::unique_ptr<Reader> reader() const override;
  [[nodiscard]] LabelledRows labelled() const { return {.table = *this, .labels = made_.labels()}; }

 private:
  class RecipeReader;
  const LabelledRows& rows_;
  RecipeColumns made_;
  std::vector<std::string> names_;
};

/// Collective. Quantiles of each feature of a sample of the used rows, each once; none for a feature without values.
[[nodiscard]] std::vector<std::vector<double>> sampled_quantiles(const LabelledRows& rows,
                                                                 const std::vector<double>& probabilities,
                                                                 const Context& context);

}  // namespace cohort
