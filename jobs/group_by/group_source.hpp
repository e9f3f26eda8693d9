// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "algorithms/group_by/group_keys.hpp"
#include "core/block.hpp"
#include "io/store/row_table.hpp"
#include "jobs/customer_column.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// The rows of a group-by: those of a table, each with columns of its own and, under the name STEP.COLUMN, of its
/// customer.
class GroupSource {
 public:
  /// Collective. `input` is an event table of the dataset, "dataset" for its customers, the id of an earlier step that
  /// left a table, or a folder. Throws Error(bad_config) for columns there are not.
  GroupSource(const StepContext& step, const std::string& input, const std::vector<std::string>& names);

  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
  [[nodiscard]] std::size_t index_of(const std::string& name) const;
  [[nodiscard]] std::int64_t total_rows() const;
  /// Where a column's integers lie, over all ranks; of categories, all codes.
  [[nodiscard]] ValueRange range(std::size_t column) const;
  /// Of a category, sorted.
  [[nodiscard]] std::vector<std::string> labels(std::size_t column) const;

  /// Blocks of this rank.
  [[nodiscard]] std::span<const ShardRowTable::Block> blocks() const { return table_->blocks(); }
  /// Whether a block may hold values of [low, high] in a column: by its zone, without reading it.
  [[nodiscard]] bool may_hold(const ShardRowTable::Block& block, std::size_t column, std::int64_t low,
                              std::int64_t high) const;

  /// For one thread.
  class Reader {
   public:
    explicit Reader(const GroupSource& source);
    /// Calls `add` for each tile of a block; for the first one alone if `sample`.
    void read(std::int64_t block, bool sample, const std::function<void(const RowTile&)>& add);

   private:
    const GroupSource& source_;
    std::unique_ptr<ShardRowTable::Reader> rows_;
    std::vector<std::vector<std::int64_t>> attributes_;
    std::vector<ColumnView> views_;
  };

 private:
  /// A column of the rows' customers.
  struct Attribute {
    CustomerRows table;
    std::string column;
    CustomerValues values;
  };
  void add_attribute(const StepContext& step, const std::string& name);
  void fill(std::int32_t shard, const RowTile& tile, const CustomerValues& values,
            std::vector<std::int64_t>& out) const;

  CustomerRows rows_;
  std::string table_name_;
  std::unique_ptr<ShardRowTable> table_;
  std::vector<Attribute> attributes_;
  CustomerValues offsets_;  ///< first event of each customer; empty where rows are customers
  std::vector<Column> columns_;
};

}  // namespace cohort
