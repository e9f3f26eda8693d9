// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/level_counts.hpp"

#include "algorithms/linear/used_rows.hpp"
#include "algorithms/statistics/table_pass.hpp"

namespace cohort {
namespace {

struct Counts {
  std::vector<std::int64_t> levels;
  void parts(Parts& parts) { parts.sum(levels); }
};

}  // namespace

LevelCounts count_levels(const LabelledRows& rows, const Context& context) {
  std::vector<std::size_t> first{0};
  for (const auto& labels : rows.labels) first.push_back(first.back() + labels.size());
  const Counts identity{.levels = std::vector<std::int64_t>(first.back())};
  if (identity.levels.empty()) return {.levels = {}, .first = std::move(first)};
  Counts counted = aggregate_table(context, rows.table, identity, [&](Counts& state, const NumericBlock& block) {
    const std::span<const double> label = rows.label(block), weight = rows.weight(block);
    for (std::size_t j = 0; j < rows.features(); ++j) {
      if (rows.labels[j].empty()) continue;
      for (std::size_t i = 0; i < label.size(); ++i) {
        const double code = block.columns[j][i];
        if (is_used(weight[i], label[i]) && code == code) ++state.levels[first[j] + static_cast<std::size_t>(code)];
      }
    }
  });
  return {.levels = std::move(counted.levels), .first = std::move(first)};
}

}  // namespace cohort
