// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/recipe_codes.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/linear/used_rows.hpp"
#include "algorithms/statistics/table_pass.hpp"
#include "core/elementary.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

constexpr auto folds = static_cast<std::size_t>(Recipe::folds);

struct LabelRange {
  std::int64_t rows = 0, others = 0;  ///< labels other than 0 and 1
  std::vector<double> most{0, 0};     ///< |label|, weight
  void parts(Parts& parts) {
    parts.sum(rows);
    parts.sum(others);
    parts.max(most);
  }
};

/// Calls each(row, label, weight) for the used rows of a block.
template <class Each>
void each_used(const LabelledRows& rows, const NumericBlock& block, const Each& each) {
  const std::span<const double> label = rows.label(block), weight = rows.weight(block);
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (is_used(weight[i], label[i])) each(i, label[i], weight[i]);
  }
}

LabelRange range_of(const LabelledRows& rows, const Context& context) {
  return aggregate_table(context, rows.table, LabelRange{}, [&](LabelRange& state, const NumericBlock& block) {
    each_used(rows, block, [&](std::size_t, double label, double weight) {
      ++state.rows;
      state.others += label != 0 && label != 1 ? 1 : 0;
      state.most[0] = std::max(state.most[0], std::abs(label));
      state.most[1] = std::max(state.most[1], weight);
    });
  });
}

/// Sums by level, missing values last, of all folds and of each.
class Levels {
 public:
  Levels(const ExactSums& sums, std::size_t levels) : levels_(levels), sums_(2 * levels * folds) {
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] = sums.value(i);
  }

  /// The value of each level and of one not met, learned from all folds but `without`.
  [[nodiscard]] std::vector<double> values(const LevelCoding& coding, std::size_t without) const {
    std::vector<double> weights(levels_), labels(levels_);
    double weight = 0, label = 0;
    for (std::size_t level = 0; level < levels_; ++level) {
      for (std::size_t fold = 0; fold < folds; ++fold) {
        if (fold == without) continue;
        weights[level] += sums_[level * folds + fold];
        labels[level] += sums_[(levels_ + level) * folds + fold];
      }
      weight += weights[level];
      label += labels[level];
    }
    const double mean = weight > 0 ? label / weight : 0;
    std::vector<double> result;
    for (std::size_t level = 0; level < levels_; ++level) {
      result.push_back(value(coding, weights[level], labels[level], mean));
    }
    result.push_back(value(coding, 0, 0, mean));
    return result;
  }

 private:
  static double value(const LevelCoding& coding, double weight, double label, double mean) {
    if (!coding.weight_of_evidence) {
      return weight + coding.smoothing > 0 ? (label + coding.smoothing * mean) / (weight + coding.smoothing) : mean;
    }
    const double least = std::max(coding.smoothing, 1.0);  // a level with one class only has no finite odds
    if (!(mean > 0 && mean < 1)) return 0;
    return cohort::log((label + least * mean) / (weight - label + least * (1 - mean))) - cohort::log(mean / (1 - mean));
  }

  std::size_t levels_;
  std::vector<double> sums_;
};

}  // namespace

void learn_codes(const LabelledRows& rows, std::size_t feature, const LevelCoding& coding, Recipe::Column& column,
                 const Context& context) {
  const LabelRange range = range_of(rows, context);
  if (coding.weight_of_evidence && range.others > 0) {
    throw Error(ExitCode::bad_config, fmt::format("recipe.woe: {}: the label is not yes or no", column.first),
                "use recipe.target");
  }
  column.levels = rows.labels[feature];
  const std::size_t levels = column.levels.size() + 1;
  const int weight = magnitude_bound(range.most[1]), label = weight + magnitude_bound(range.most[0]);
  std::vector<int> bounds(2 * levels * folds, sum_bound(weight, range.rows) + 1);
  std::fill(bounds.begin() + std::ssize(bounds) / 2, bounds.end(), sum_bound(label, range.rows) + 1);
  // Weights, then weighted labels, of each (level, fold).
  const ExactTotals sums = aggregate_table(
      context, rows.table, ExactTotals{ExactSums(bounds)}, [&](ExactTotals& state, const NumericBlock& block) {
        each_used(rows, block, [&](std::size_t i, double y, double w) {
          const double code = block.columns[feature][i];
          const std::size_t level = code == code ? static_cast<std::size_t>(code) : levels - 1;
          const std::size_t fold = Recipe::fold_of(block.first_row + static_cast<std::int64_t>(i));
          state.sums.add(level * folds + fold, w);
          state.sums.add((levels + level) * folds + fold, w * y);
        });
      });
  const Levels learned(sums.sums, levels);
  column.values = learned.values(coding, folds);
  for (std::size_t fold = 0; fold < folds; ++fold) column.out_of_fold.push_back(learned.values(coding, fold));
}

}  // namespace cohort
