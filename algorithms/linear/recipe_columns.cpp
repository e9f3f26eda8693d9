// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/recipe_columns.hpp"

#include <algorithm>
#include <cmath>

#include "core/column.hpp"
#include "core/elementary.hpp"
#include "core/error.hpp"
#include "core/shard_hash.hpp"

namespace cohort {
namespace {

using Kind = Recipe::Kind;

std::size_t position_of(const std::string& name, const std::vector<std::string>& columns,
                        const std::vector<std::vector<std::string>>& labels, bool categorical) {
  const auto found = std::ranges::find(columns, name);
  if (found == columns.end()) {
    throw Error(ExitCode::bad_data, fmt::format("the model needs a column {}, which the data lack", name),
                "give data with the columns the model was trained on");
  }
  const auto at = static_cast<std::size_t>(found - columns.begin());
  if (labels[at].empty() == !categorical) return at;
  throw Error(ExitCode::bad_data,
              fmt::format("column {} holds {}, but the model learned it as {}", name,
                          categorical ? "numbers" : "categories", categorical ? "a category" : "numbers"),
              "give the column the type it had in training");
}

/// Whether the first and the second column of a kind are categories.
bool first_is_category(Kind kind) {
  return kind == Kind::coded || kind == Kind::hash || kind == Kind::crossed;
}
bool second_is_category(Kind kind) {
  return kind == Kind::gated || kind == Kind::crossed;
}
bool has_second(Kind kind) {
  return kind == Kind::product || kind == Kind::gated || kind == Kind::crossed;
}

std::vector<std::string> names_of_bins(const std::vector<double>& cuts) {
  std::vector<std::string> names;
  for (std::size_t bin = 0; bin <= cuts.size(); ++bin) {
    const std::string from = bin == 0 ? "(-inf" : fmt::format("[{:.6g}", cuts[bin - 1]);
    names.push_back(bin == cuts.size() ? from + ", inf)" : fmt::format("{}, {:.6g})", from, cuts[bin]));
  }
  return names;
}

/// Values of levels, then of missing ones and of those not met, as values of the codes of some labels.
std::vector<double> values_of_codes(const std::vector<std::string>& levels, const std::vector<double>& values,
                                    const std::vector<std::string>& labels) {
  std::vector<double> of_code;
  for (const std::string& label : labels) {
    const auto found = std::ranges::lower_bound(levels, label);
    const bool met = found != levels.end() && *found == label;
    of_code.push_back(met ? values[static_cast<std::size_t>(found - levels.begin())] : values.back());
  }
  of_code.push_back(values[values.size() - 2]);
  return of_code;
}

[[noreturn]] void throw_without_log(double value, const std::string& column, std::int64_t row, const char* advice) {
  throw Error(ExitCode::bad_data, fmt::format("column {} is {} in row {} of the table", column, value, row), advice);
}

double log_of(double value, const std::string& column, std::int64_t row) {
  if (value > 0) return cohort::log(value);
  throw_without_log(value, column, row,
                    "log, and an exposure, takes numbers above 0: clean the column, or leave it out");
}

double log1p_of(double value, const std::string& column, std::int64_t row) {
  if (value > -1) return cohort::log1p(value);
  throw_without_log(value, column, row, "log1p takes numbers above -1: leave the column out of it");
}

}  // namespace

RecipeColumns::RecipeColumns(const Recipe& recipe, const std::vector<std::string>& columns,
                             const std::vector<std::vector<std::string>>& labels, RecipeUse use)
    : use_(use) {
  for (const Recipe::Column& column : recipe.columns) {
    const auto kind = static_cast<Kind>(column.kind);
    Maker& maker = makers_.emplace_back(Maker{.column = column});
    const auto taken = std::ranges::find(columns, column.first);
    // What is taken as it is may be either: the design looks.
    const bool as_is = kind == Kind::same && taken != columns.end() &&
                       !labels[static_cast<std::size_t>(taken - columns.begin())].empty();
    maker.first = position_of(column.first, columns, labels, as_is || first_is_category(kind));
    if (has_second(kind)) maker.second = position_of(column.second, columns, labels, second_is_category(kind));
    prepare(maker, labels);
  }
}

void RecipeColumns::prepare(Maker& maker, const std::vector<std::vector<std::string>>& labels) {
  const Recipe::Column& column = maker.column;
  const std::vector<std::string>& of_first = labels[maker.first];
  std::vector<std::string>& made = labels_.emplace_back();
  switch (static_cast<Kind>(column.kind)) {
    case Kind::same: made = of_first; break;
    case Kind::bins: made = names_of_bins(column.cuts); break;
    case Kind::coded:
      maker.of_code = values_of_codes(column.levels, column.values, of_first);
      for (const std::vector<double>& values : column.out_of_fold) {
        maker.of_folds.push_back(values_of_codes(column.levels, values, of_first));
      }
      break;
    case Kind::hash:
      for (std::int64_t bucket = 0; bucket < column.buckets; ++bucket) made.push_back(std::to_string(bucket));
      for (const std::string& label : of_first) {
        maker.of_code.push_back(shard_of_customer(label, static_cast<std::int32_t>(column.buckets)));
      }
      break;
    case Kind::gated:
      for (const std::string& label : labels[maker.second])
        maker.open.push_back(label == column.levels.front() ? 1 : 0);
      break;
    case Kind::crossed:
      made = column.levels;
      made.emplace_back("(pair not met)");
      for (const std::string& a : of_first) {
        maker.of_pair.emplace_back();
        for (const std::string& b : labels[maker.second]) {
          const auto found = std::ranges::find(column.levels, a + " & " + b);
          maker.of_pair.back().push_back(static_cast<double>(found - column.levels.begin()));
        }
      }
      break;
    case Kind::log:
    case Kind::log1p:
    case Kind::product: break;
  }
}

std::vector<std::string> RecipeColumns::names() const {
  std::vector<std::string> names;
  for (const Maker& maker : makers_) names.push_back(maker.column.name);
  return names;
}

void RecipeColumns::make(const NumericBlock& block, std::int64_t first, std::int64_t rows,
                         std::vector<std::vector<double>>& to) const {
  to.resize(makers_.size());
  for (std::size_t j = 0; j < makers_.size(); ++j) {
    to[j].resize(static_cast<std::size_t>(rows));
    make_one(makers_[j], block, first, to[j]);
  }
}

void RecipeColumns::make_one(const Maker& maker, const NumericBlock& block, std::int64_t first,
                             std::vector<double>& to) const {
  const Recipe::Column& column = maker.column;
  const std::span<const double> a = block.columns[maker.first].subspan(static_cast<std::size_t>(first), to.size());
  const std::span<const double> b = block.columns[maker.second].subspan(static_cast<std::size_t>(first), to.size());
  const std::int64_t row = block.first_row + first;
  const bool by_fold = use_ == RecipeUse::learn && !maker.of_folds.empty();
  for (std::size_t i = 0; i < to.size(); ++i) {
    const auto here = row + static_cast<std::int64_t>(i);
    const bool missing = a[i] != a[i] || (has_second(static_cast<Kind>(column.kind)) && b[i] != b[i]);
    if (static_cast<Kind>(column.kind) == Kind::coded) {
      const std::vector<double>& values = by_fold ? maker.of_folds[Recipe::fold_of(here)] : maker.of_code;
      to[i] = missing ? values.back() : values[static_cast<std::size_t>(a[i])];
      continue;
    }
    if (missing) {
      to[i] = missing_float64;
      continue;
    }
    switch (static_cast<Kind>(column.kind)) {
      case Kind::log: to[i] = log_of(a[i], column.first, here); break;
      case Kind::log1p: to[i] = log1p_of(a[i], column.first, here); break;
      case Kind::bins:
        to[i] = static_cast<double>(std::ranges::upper_bound(column.cuts, a[i]) - column.cuts.begin());
        break;
      case Kind::hash: to[i] = maker.of_code[static_cast<std::size_t>(a[i])]; break;
      case Kind::product: to[i] = a[i] * b[i]; break;
      case Kind::gated: to[i] = maker.open[static_cast<std::size_t>(b[i])] != 0 ? a[i] : 0; break;
      case Kind::crossed: to[i] = maker.of_pair[static_cast<std::size_t>(a[i])][static_cast<std::size_t>(b[i])]; break;
      case Kind::coded:
      case Kind::same: to[i] = a[i]; break;
    }
  }
}

}  // namespace cohort
