// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>

#include "algorithms/linear/design_matrix.hpp"
#include "algorithms/linear/glm_rows.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

std::size_t position_in(const std::vector<std::string>& columns, const std::string& name) {
  const auto found = std::ranges::find(columns, name);
  if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
  throw Error(ExitCode::bad_data, fmt::format("the model needs a column {}, which the data lack", name),
              "score data with the columns the model was trained on");
}

/// (0 or 1 - mean) / sd of a column of a category; 0 where all rows agree.
double standardised(double x, const DesignMatrix::Term& term) {
  return term.sd > 0 ? (x - term.mean) / term.sd : 0;
}

[[noreturn]] void throw_missing(const std::string& column, std::int64_t row) {
  throw Error(ExitCode::bad_data, fmt::format("column {} is missing in row {} of the table", column, row),
              "train with impute: mean or impute: constant, or fill the value first");
}

}  // namespace

DesignEncoder::DesignEncoder(const DesignMatrix& design, const std::vector<std::string>& columns,
                             const std::vector<std::vector<std::string>>& labels, RecipeUse use)
    : design_(design), first_term_(design.features.size() + 1, design.terms.size()) {
  if (!design.recipe.columns.empty()) recipe_.emplace(design.recipe, columns, labels, use);
  for (std::size_t t = design.terms.size(); t-- > 0;)
    first_term_[static_cast<std::size_t>(design.terms[t].feature)] = t;
  for (std::size_t j = design.features.size(); j-- > 0;) first_term_[j] = std::min(first_term_[j], first_term_[j + 1]);
  recipe_ ? find_columns(recipe_->names(), recipe_->labels()) : find_columns(columns, labels);
  for (std::size_t t = 0; t < design.terms.size(); ++t) {
    const DesignMatrix::Term& term = design.terms[t];
    if (term.level < 0) continue;
    term_of_level_[static_cast<std::size_t>(term.feature)][static_cast<std::size_t>(term.level)] =
        static_cast<std::int64_t>(t);
  }
}

void DesignEncoder::find_columns(const std::vector<std::string>& columns,
                                 const std::vector<std::vector<std::string>>& labels) {
  for (const DesignMatrix::Feature& feature : design_.features) {
    const std::size_t position = position_in(columns, feature.name);
    if (labels[position].empty() == (feature.categorical != 0)) {
      throw Error(ExitCode::bad_data,
                  fmt::format("column {} holds {}, but the model learned it as {}", feature.name,
                              feature.categorical != 0 ? "numbers" : "categories",
                              feature.categorical != 0 ? "a category" : "numbers"),
                  "give the column the type it had in training");
    }
    positions_.push_back(position);
    std::vector<std::int64_t>& levels = level_of_code_.emplace_back();
    std::unordered_map<std::string_view, std::int64_t> known;
    for (std::size_t level = 0; level < feature.levels.size(); ++level) {
      known.emplace(feature.levels[level], static_cast<std::int64_t>(level));
    }
    for (const std::string& label : labels[position]) {
      const auto found = known.find(label);
      levels.push_back(found == known.end() ? -1 : found->second);
    }
    term_of_level_.emplace_back(feature.levels.size(), -1);
  }
}

template <class To>
void DesignEncoder::encode_into(const NumericBlock& block, std::int64_t first, To& to) const {
  if (!recipe_) return encode_made(block, first, to);
  const std::int64_t rows = std::min(gram_rows, block.rows - first);
  std::vector<std::vector<double>> columns;
  recipe_->make(block, first, rows, columns);
  encode_made({.first_row = block.first_row + first, .rows = rows, .columns = {columns.begin(), columns.end()}}, 0, to);
}

void DesignEncoder::encode(const NumericBlock& block, std::int64_t first, double* to) const {
  encode_into(block, first, to);
}

void DesignEncoder::encode(const NumericBlock& block, std::int64_t first, CodedChunk& to) const {
  encode_into(block, first, to);
}

void DesignEncoder::encode_made(const NumericBlock& block, std::int64_t first, double* to) const {
  const auto rows = static_cast<std::size_t>(std::min(gram_rows, block.rows - first));
  for (std::size_t j = 0; j < design_.features.size(); ++j) {
    const std::span<const double> values = block.columns[positions_[j]].subspan(static_cast<std::size_t>(first), rows);
    if (design_.features[j].categorical != 0) {
      encode_category(j, values, block.first_row + first, to);
    } else {
      encode_number(j, values, block.first_row + first, to + static_cast<std::int64_t>(first_term_[j]) * gram_rows);
    }
  }
}

void DesignEncoder::encode_made(const NumericBlock& block, std::int64_t first, CodedChunk& to) const {
  const auto rows = static_cast<std::size_t>(std::min(gram_rows, block.rows - first));
  constexpr auto stride = static_cast<std::size_t>(gram_rows);
  const auto categories =
      static_cast<std::size_t>(std::ranges::count(design_.features, 1, &DesignMatrix::Feature::categorical));
  to.numbers.resize((design_.features.size() - categories) * stride);
  to.terms.assign(categories * stride, -1);
  double* numbers = to.numbers.data();
  std::int32_t* terms = to.terms.data();
  for (std::size_t j = 0; j < design_.features.size(); ++j) {
    const std::span<const double> values = block.columns[positions_[j]].subspan(static_cast<std::size_t>(first), rows);
    if (design_.features[j].categorical == 0) {
      encode_number(j, values, block.first_row + first, numbers);
      numbers += gram_rows;
      continue;
    }
    for (std::size_t i = 0; i < rows; ++i) {
      terms[i] =
          static_cast<std::int32_t>(term_of(j, values[i], block.first_row + first + static_cast<std::int64_t>(i)));
    }
    terms += gram_rows;
  }
}

void DesignEncoder::encode_number(std::size_t feature, std::span<const double> values, std::int64_t first_row,
                                  double* to) const {
  const DesignMatrix::Feature& known = design_.features[feature];
  const DesignMatrix::Term& term = design_.terms[first_term_[feature]];
  const double per_sd = term.sd > 0 ? 1 / term.sd : 0;
  const std::int64_t odd = standardise_chunk(values.data(), std::ssize(values), term.mean, per_sd, to);
  for (std::size_t i = 0; odd > 0 && i < values.size(); ++i) {
    const std::int64_t row = first_row + static_cast<std::int64_t>(i);
    if (std::isinf(values[i])) {
      throw Error(ExitCode::bad_data, fmt::format("column {} is infinite in row {} of the table", known.name, row),
                  "clean the column, or mark such values as missing");
    }
    if (values[i] == values[i]) continue;
    if (known.fills == 0) throw_missing(known.name, row);
    to[i] = (known.fill - term.mean) * per_sd;
  }
}

std::int64_t DesignEncoder::level_of(std::size_t feature, double code, std::int64_t row) const {
  const DesignMatrix::Feature& known = design_.features[feature];
  if (code != code) {
    if (known.fills == 0) throw_missing(known.name, row);
    return !known.levels.empty() && known.levels.back() == DesignMatrix::missing_level ? std::ssize(known.levels) - 1
                                                                                       : -1;
  }
  const std::int64_t level = level_of_code_[feature][static_cast<std::size_t>(code)];
  if (level < 0 && design_.refuses_unseen != 0) {
    throw Error(ExitCode::bad_data,
                fmt::format("column {}, row {} of the table: a category that the model has not met", known.name, row),
                "train with unseen: reference, or on data that have the category");
  }
  return level;
}

std::int64_t DesignEncoder::term_of(std::size_t feature, double code, std::int64_t row) const {
  const std::int64_t level = level_of(feature, code, row);
  return level < 0 ? -1 : term_of_level_[feature][static_cast<std::size_t>(level)];
}

void DesignEncoder::encode_category(std::size_t feature, std::span<const double> codes, std::int64_t first_row,
                                    double* to) const {
  for (std::size_t t = first_term_[feature]; t < first_term_[feature + 1]; ++t) {
    double* column = to + static_cast<std::int64_t>(t) * gram_rows;
    std::fill(column, column + codes.size(), standardised(0, design_.terms[t]));
    std::fill(column + codes.size(), column + gram_rows, 0.0);
  }
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const std::int64_t term = term_of(feature, codes[i], first_row + static_cast<std::int64_t>(i));
    if (term >= 0)
      to[term * gram_rows + static_cast<std::int64_t>(i)] =
          standardised(1, design_.terms[static_cast<std::size_t>(term)]);
  }
}

}  // namespace cohort
