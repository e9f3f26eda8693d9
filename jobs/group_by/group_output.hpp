// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "algorithms/group_by/group_by.hpp"
#include "io/store/shard_writer.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// The groups of a step, and what their keys are called.
struct GroupedTable {
  const KeyLayout& keys;
  const GroupMeasures& measures;
  std::vector<std::vector<std::string>> labels;  ///< by field of the key; empty for other than categories
  std::vector<GroupPiece> pieces;                ///< of this rank
  int all_pieces = 0;                            ///< over all ranks

  /// Keys and figures of a piece, as columns; labels as texts.
  [[nodiscard]] std::vector<ColumnData> columns_of(const GroupPiece& piece) const;
};

/// Collective. Writes groups.h5 and, if `csv`, groups.csv, in the order of keys.
void write_groups(const StepContext& step, const GroupedTable& table, bool csv);

/// Collective. All groups in the order of keys where there are at most `top`, otherwise those with most of measure
/// `ranked`, most first; equals by key. With a chart.
[[nodiscard]] ResultTable top_groups(const Context& context, const GroupedTable& table, std::size_t ranked,
                                     std::int64_t groups, std::int64_t top);

}  // namespace cohort
