// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "jobs/ingest/balance_sheet.hpp"
#include "jobs/ingest/cleaning_rules.hpp"
#include "jobs/ingest/row_format.hpp"
#include "jobs/ingest/value_counts.hpp"

namespace cohort {

/// A row of a shard with what its table is sorted by.
struct PlacedRow {
  std::uint32_t customer;  ///< rank of the customer in the shard
  std::int64_t time;
  const std::byte* row;
};

/// A rule that compares rows, with all that it has to know beside the shard's rows.
struct ShardStep {
  CleaningRule rule;
  std::size_t index = 0;                         ///< among the table's rules
  double low = 0, high = 0;                      ///< of outliers: legal values, in stored units
  bool has_values = false;                       ///< whether any row has a value
  std::int64_t fill = 0;                         ///< of impute: what is stored where the group has no value
  std::map<std::int64_t, std::int64_t> fills{};  ///< of impute: by group

  /// What the counts of all ranks say.
  void learn(const std::vector<ValueCount>& counts, const std::vector<Column>& columns);
};

/// Applies the steps in order to a table's rows, sorted as they are stored; removes and changes some. Changed rows are
/// copies in `changed`, which must outlive them.
void apply_shard_steps(const std::vector<ShardStep>& steps, const std::vector<Column>& columns, const RowFormat& format,
                       std::vector<PlacedRow>& rows, std::deque<std::vector<std::byte>>& changed, BalanceSheet& sheet);

/// Index of the column of this name; the number of columns where there is none.
[[nodiscard]] std::size_t column_named(const std::vector<Column>& columns, const std::string& name);

}  // namespace cohort
