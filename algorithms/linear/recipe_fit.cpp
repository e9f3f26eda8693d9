// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/recipe_fit.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/linear/level_counts.hpp"
#include "algorithms/linear/recipe_codes.hpp"
#include "algorithms/linear/sampled_rows.hpp"
#include "algorithms/linear/used_rows.hpp"
#include "algorithms/statistics/quantiles.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

using Kind = Recipe::Kind;
constexpr std::int64_t sample_rows = 16384;
constexpr std::size_t most_pairs = 1000;

/// Learns one column after the other.
class RecipeBuilder {
 public:
  RecipeBuilder(const Recipe::Params& params, const LabelledRows& rows, const Context& context)
      : params_(params), rows_(rows), context_(context) {
    recipe_.sources.assign(rows.table.columns().begin(), rows.table.columns().begin() + std::ssize(rows.labels));
  }

  Recipe build() {
    for (const auto& [key, names] : taken()) {
      for (const std::string& name : *names) (void)feature(name, key);
    }
    for (std::size_t j = 0; j < recipe_.sources.size(); ++j) add_feature(j);
    for (const std::string& pair : params_.interactions) add_interaction(pair);
    return std::move(recipe_);
  }

 private:
  using Taken = std::vector<std::pair<std::string, const std::vector<std::string>*>>;
  [[nodiscard]] Taken taken() const {
    return {{"log", &params_.log},       {"log1p", &params_.log1p}, {"bins", &params_.bins},
            {"target", &params_.target}, {"woe", &params_.woe},     {"hash", &params_.hash}};
  }

  /// The number of a feature that a key names; it must be of the key's kind, and named by no other.
  [[nodiscard]] std::size_t feature(const std::string& name, const std::string& key) const {
    const auto found = std::ranges::find(recipe_.sources, name);
    if (found == recipe_.sources.end()) {
      throw Error(ExitCode::bad_config, fmt::format("recipe.{}: {} is not among the features", key, name),
                  "name features, or add it to them");
    }
    const auto at = static_cast<std::size_t>(found - recipe_.sources.begin());
    const bool number = key == "log" || key == "log1p" || key == "bins";
    if (rows_.labels[at].empty() != number) {
      throw Error(ExitCode::bad_config,
                  fmt::format("recipe.{} takes {}, and {} is {}", key, number ? "numbers" : "categories", name,
                              number ? "a category" : "a number"),
                  number ? "use target, woe or hash for it" : "use log, log1p or bins for it");
    }
    const auto uses =
        std::ranges::count_if(taken(), [&](const auto& of) { return std::ranges::count(*of.second, name) > 0; });
    if (uses == 1) return at;
    throw Error(ExitCode::bad_config, fmt::format("recipe takes {} in more than one way", name), "name it once");
  }

  void add_feature(std::size_t j) {
    const std::string& name = recipe_.sources[j];
    const auto named = [&](const std::vector<std::string>& names) { return std::ranges::count(names, name) > 0; };
    Recipe::Column column{.name = name, .first = name};
    const auto as = [&](Kind kind, const char* prefix) {
      column.kind = static_cast<std::int64_t>(kind);
      if (*prefix != '\0') column.name = fmt::format("{}({})", prefix, name);
    };
    if (named(params_.log)) as(Kind::log, "log");
    if (named(params_.log1p)) as(Kind::log1p, "log1p");
    if (named(params_.hash)) as(Kind::hash, "hash");
    column.buckets = params_.n_buckets;
    if (named(params_.bins)) {
      as(Kind::bins, "");
      column.cuts = cuts()[j];
    }
    if (named(params_.target) || named(params_.woe)) {
      as(Kind::coded, named(params_.woe) ? "woe" : "target");
      learn_codes(rows_, j, {.weight_of_evidence = named(params_.woe), .smoothing = params_.smoothing}, column,
                  context_);
    }
    recipe_.columns.push_back(std::move(column));
  }

  /// Collective, the first time.
  const std::vector<std::vector<double>>& cuts() {
    if (!cuts_.empty()) return cuts_;
    std::vector<double> probabilities;
    for (std::int64_t i = 1; i < params_.n_bins; ++i) {
      probabilities.push_back(static_cast<double>(i) / static_cast<double>(params_.n_bins));
    }
    return cuts_ = sampled_quantiles(rows_, probabilities, context_);
  }

  /// The features on both sides of a colon; names may hold colons too.
  [[nodiscard]] std::pair<std::size_t, std::size_t> sides_of(const std::string& pair) const {
    for (std::size_t at = pair.find(':'); at != std::string::npos; at = pair.find(':', at + 1)) {
      const auto a = std::ranges::find(recipe_.sources, pair.substr(0, at)),
                 b = std::ranges::find(recipe_.sources, pair.substr(at + 1));
      if (a != recipe_.sources.end() && b != recipe_.sources.end()) {
        return {static_cast<std::size_t>(a - recipe_.sources.begin()),
                static_cast<std::size_t>(b - recipe_.sources.begin())};
      }
    }
    throw Error(ExitCode::bad_config, fmt::format("recipe.interactions: '{}' is no pair of features", pair),
                "write two features with a colon between them, as tenure:contract");
  }

  void add_interaction(const std::string& pair) {
    auto [a, b] = sides_of(pair);
    if (!rows_.labels[a].empty() && rows_.labels[b].empty()) std::swap(a, b);
    Recipe::Column column{.name = pair,
                          .kind = static_cast<std::int64_t>(Kind::product),
                          .first = recipe_.sources[a],
                          .second = recipe_.sources[b]};
    if (rows_.labels[b].empty()) {
      recipe_.columns.push_back(std::move(column));
    } else if (rows_.labels[a].empty()) {
      add_gated(pair, b, column);
    } else {
      add_crossed(pair, a, b, std::move(column));
    }
  }

  /// A column for each level but the first, whose slope the number alone tells.
  void add_gated(const std::string& pair, std::size_t category, Recipe::Column column) {
    column.kind = static_cast<std::int64_t>(Kind::gated);
    const std::vector<std::string> levels = met(category);
    check_size(pair, levels.size());
    for (std::size_t level = 1; level < levels.size(); ++level) {
      column.name = fmt::format("{}={}", pair, levels[level]);
      column.levels = {levels[level]};
      recipe_.columns.push_back(column);
    }
  }

  void add_crossed(const std::string& pair, std::size_t a, std::size_t b, Recipe::Column column) {
    column.kind = static_cast<std::int64_t>(Kind::crossed);
    const std::vector<std::string> of_a = met(a), of_b = met(b);
    check_size(pair, of_a.size() * of_b.size());
    for (const std::string& first : of_a) {
      for (const std::string& second : of_b) column.levels.push_back(first + " & " + second);
    }
    recipe_.columns.push_back(std::move(column));
  }

  static void check_size(const std::string& pair, std::size_t columns) {
    if (columns <= most_pairs) return;
    throw Error(ExitCode::plan_refused, fmt::format("recipe.interactions: {} would have {} levels", pair, columns),
                fmt::format("at most {} are taken: leave it out", most_pairs));
  }

  /// Collective, the first time. The levels of a category that used rows have.
  std::vector<std::string> met(std::size_t category) {
    if (counts_.first.empty()) counts_ = count_levels(rows_, context_);
    std::vector<std::string> levels;
    const std::span<const std::int64_t> counts = counts_.of(category);
    for (std::size_t code = 0; code < counts.size(); ++code) {
      if (counts[code] > 0) levels.push_back(rows_.labels[category][code]);
    }
    return levels;
  }

  const Recipe::Params& params_;
  const LabelledRows& rows_;
  const Context& context_;
  Recipe recipe_;
  std::vector<std::vector<double>> cuts_;
  LevelCounts counts_;
};

}  // namespace

Recipe fit_recipe(const Recipe::Params& params, const LabelledRows& rows, const Context& context) {
  if (params.empty()) return {};
  return RecipeBuilder(params, rows, context).build();
}

std::vector<std::vector<double>> sampled_quantiles(const LabelledRows& rows, const std::vector<double>& probabilities,
                                                   const Context& context) {
  const UsedRows used(rows);
  const SampledRows sample(used, std::max<std::int64_t>(1, rows.table.total_rows() / sample_rows), context);
  std::vector<std::vector<double>> quantiles = quantiles_of(sample, probabilities, context);
  quantiles.resize(rows.features() + 1);
  for (std::vector<double>& of_column : quantiles) {
    std::erase_if(of_column, [](double x) { return std::isnan(x); });
    const auto [first, last] = std::ranges::unique(of_column);
    of_column.erase(first, last);
  }
  return quantiles;
}

RecipeTable::RecipeTable(const Recipe& recipe, const LabelledRows& rows)
    : rows_(rows), made_(recipe, recipe.sources, rows.labels, RecipeUse::learn), names_(made_.names()) {
  names_.emplace_back("label");
  names_.emplace_back("weight");
}

class RecipeTable::RecipeReader final : public NumericTable::Reader {
 public:
  explicit RecipeReader(const RecipeTable& table) : table_(table), inner_(table.rows_.table.reader()) {}

  NumericBlock read(std::int64_t index) override {
    const NumericBlock block = inner_->read(index);
    table_.made_.make(block, 0, block.rows, columns_);
    NumericBlock made{.first_row = block.first_row, .rows = block.rows, .columns = {columns_.begin(), columns_.end()}};
    made.columns.push_back(table_.rows_.label(block));
    made.columns.push_back(table_.rows_.weight(block));
    return made;
  }

 private:
  const RecipeTable& table_;
  std::unique_ptr<Reader> inner_;
  std::vector<std::vector<double>> columns_;
};

std::unique_ptr<NumericTable::Reader> RecipeTable::reader() const {
  return std::make_unique<RecipeReader>(*this);
}

}  // namespace cohort
