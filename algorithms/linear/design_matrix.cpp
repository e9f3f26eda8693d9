// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/design_matrix.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/linear/level_counts.hpp"
#include "algorithms/linear/recipe_fit.hpp"
#include "algorithms/linear/used_rows.hpp"
#include "algorithms/statistics/table_pass.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

void check_rows(const ColumnMoments& weight, const ColumnMoments& label) {
  if (weight.missing > 0 || weight.min < 0) {
    throw Error(ExitCode::bad_data, "the weight column holds a negative or missing weight",
                "weights are numbers of at least 0; 0 leaves a row out");
  }
  if (label.count == 0) {
    throw Error(ExitCode::bad_data, "no row has a label and a positive weight: there is nothing to learn from",
                "look at label, weight and holdout");
  }
}

/// Learns the design of one feature after the other.
class DesignBuilder {
 public:
  DesignBuilder(const DesignMatrix::Params& params, const LabelledRows& rows, std::int64_t used)
      : params_(params), rows_(rows), used_(used) {}

  void add(std::size_t j, const ColumnMoments& moments, std::span<const std::int64_t> counts) {
    const std::string& name = rows_.table.columns()[j];
    const std::int64_t missing = used_ - moments.count;
    if (moments.count == 0) {
      throw Error(ExitCode::bad_data, fmt::format("column {} is missing for all {} customers", name, used_),
                  "leave it out of features");
    }
    if (missing > 0 && params_.impute == "none") {
      throw Error(ExitCode::bad_data, fmt::format("column {} is missing for {} of {} customers", name, missing, used_),
                  "set impute: mean or impute: constant, or leave the column out of features");
    }
    DesignMatrix::Feature feature{.name = name, .categorical = rows_.labels[j].empty() ? 0 : 1};
    feature.fills = params_.impute == "none" ? 0 : 1;
    design.features.push_back(std::move(feature));
    if (rows_.labels[j].empty()) {
      add_number(moments, missing);
    } else {
      add_category(j, counts, missing);
    }
  }

  DesignMatrix design;

 private:
  void add_number(const ColumnMoments& moments, std::int64_t missing) {
    DesignMatrix::Feature& feature = design.features.back();
    feature.fill = params_.impute == "constant" ? params_.fill_value : moments.mean;
    const auto all = static_cast<double>(used_), filled = static_cast<double>(missing);
    const double distance = feature.fill - moments.mean;
    const double mean = moments.mean + distance * (filled / all);
    const double squares = moments.squares + static_cast<double>(moments.count) * (filled / all) * distance * distance;
    double low = moments.min, high = moments.max;
    if (missing > 0) {
      low = std::min(low, feature.fill);
      high = std::max(high, feature.fill);
    }
    add_term(feature.name, -1, mean, std::sqrt(squares / all), low, high);
  }

  void add_category(std::size_t j, std::span<const std::int64_t> counts, std::int64_t missing) {
    std::vector<std::int64_t> met;
    std::vector<std::string>& levels = design.features.back().levels;
    for (std::size_t code = 0; code < counts.size(); ++code) {
      if (counts[code] == 0) continue;
      levels.push_back(rows_.labels[j][code]);
      met.push_back(counts[code]);
    }
    if (missing > 0) {
      levels.emplace_back(DesignMatrix::missing_level);
      met.push_back(missing);
    }
    const std::string name = design.features.back().name;
    for (std::size_t level = params_.drop_first ? 1 : 0; level < met.size(); ++level) {
      const double share = static_cast<double>(met[level]) / static_cast<double>(used_);
      add_term(name + "=" + levels[level], static_cast<std::int64_t>(level), share, std::sqrt(share * (1 - share)),
               share < 1 ? 0 : 1, 1);
    }
  }

  void add_term(std::string name, std::int64_t level, double mean, double sd, double low, double high) {
    design.terms.push_back({.name = std::move(name),
                            .feature = std::ssize(design.features) - 1,
                            .level = level,
                            .mean = mean,
                            .sd = low < high ? sd : 0,
                            .reach = sd > 0 ? std::max(high - mean, mean - low) / sd : 0});
  }

  const DesignMatrix::Params& params_;
  const LabelledRows& rows_;
  std::int64_t used_;
};

/// Collective. The design of columns as they are.
FittedDesign fit_columns(const DesignMatrix::Params& params, const LabelledRows& rows, const Context& context) {
  const LevelCounts counts = count_levels(rows, context);
  const std::vector<ColumnMoments> moments = moments_of(UsedRows(rows), context);
  const ColumnMoments &label = moments[rows.features()], &weight = moments[rows.features() + 1];
  check_rows(weight, label);
  DesignBuilder builder(params, rows, label.count);
  for (std::size_t j = 0; j < rows.features(); ++j) builder.add(j, moments[j], counts.of(j));
  builder.design.refuses_unseen = params.unseen == "error" ? 1 : 0;
  return {.design = std::move(builder.design), .label = label, .largest_weight = weight.max};
}

}  // namespace

void DesignMatrix::Params::describe(Fields& f) {
  f({.name = "scale",
     .text = "What the penalty sees: the columns as they are, or divided by their standard deviations",
     .choices = {"none", "standard"}},
    scale);
  f({.name = "drop_first", .text = "Leave out the first level of each category, against which the others count"},
    drop_first);
  f({.name = "impute",
     .text = "For missing values: none is an error; else numbers become the mean or fill_value, and a missing "
             "category a level of its own",
     .choices = {"none", "mean", "constant"}},
    impute);
  f({.name = "fill_value", .text = "What impute: constant puts in"}, fill_value);
  f({.name = "unseen",
     .text = "A category that was not met while learning: counts as the reference level, or is an error",
     .choices = {"reference", "error"}},
    unseen);
  f({.name = "recipe", .text = "Columns to make of the features; it travels with the model"}, recipe);
}

std::vector<std::size_t> DesignMatrix::numbers() const {
  std::vector<std::size_t> result;
  for (std::size_t t = 0; t < terms.size(); ++t) {
    if (terms[t].level < 0) result.push_back(t);
  }
  return result;
}

std::vector<std::string> DesignMatrix::columns() const {
  if (!recipe.sources.empty()) return recipe.sources;
  std::vector<std::string> names;
  for (const Feature& feature : features) names.push_back(feature.name);
  return names;
}

FittedDesign fit_design(const DesignMatrix::Params& params, const LabelledRows& rows, const Context& context) {
  Recipe recipe = fit_recipe(params.recipe, rows, context);
  if (recipe.columns.empty()) return fit_columns(params, rows, context);
  const RecipeTable made(recipe, rows);
  FittedDesign fitted = fit_columns(params, made.labelled(), context);
  fitted.design.recipe = std::move(recipe);
  return fitted;
}

}  // namespace cohort
