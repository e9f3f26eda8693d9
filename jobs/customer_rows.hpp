// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/context.hpp"
#include "io/store/manifest.hpp"
#include "io/store/numeric_table.hpp"
#include "io/store/shard_writer.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// A table with one row a customer that a step reads: the dataset's own, or one that an earlier step left.
struct CustomerRows {
  std::filesystem::path folder;
  std::unique_ptr<const Manifest> manifest;  ///< stays where it is, since readers refer to it
  std::vector<std::int32_t> shards;          ///< of this rank

  /// Columns that hold numbers, without ids and offsets, in stored order.
  [[nodiscard]] std::vector<std::string> numeric_columns() const;
  /// Collective. The named columns as numbers; all of them if `names` is empty.
  [[nodiscard]] ShardNumericTable numbers(Communicator& comm, const std::vector<std::string>& names) const;
  [[nodiscard]] const TableSchema& schema() const { return manifest->tables.front(); }
};

/// Collective. Whether `input` is the id of an earlier step that left a table; as rank 0 sees it.
[[nodiscard]] bool is_step_with_table(const StepContext& step, const std::string& input);

/// Collective. `input` is "dataset" for the job's dataset, the id of an earlier step, or a folder.
[[nodiscard]] CustomerRows open_customer_rows(const StepContext& step, const std::string& input);

/// Appends one value as CSV; missing is empty. `labels` are those of a category's codes.
void append_csv_value(const ColumnData& data, std::size_t row, const std::vector<std::string>& labels,
                      std::string& line);

/// Collective. Writes the customers' table of a folder as CSV, in shard order.
void write_customers_csv(const Context& context, const CustomerRows& rows, const std::filesystem::path& path);

}  // namespace cohort
