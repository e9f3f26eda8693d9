// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/column.hpp"
#include "io/store/shard_writer.hpp"
#include "jobs/ingest/row_format.hpp"

namespace cohort {

/// One table on its way into shards: how its rows are packed and how they are kept.
struct TableLayout {
  std::string name;
  bool events = true;
  std::vector<Column> columns;  ///< [0] the customer; events: [1] the time, in the unit it is stored in
  RowFormat format;
  bool drop_duplicates = false;
};

/// Turns the rows of one shard, in any order, into its tables: customers sorted by id, each table of events sorted by
/// (customer, time, source position). The result depends on the set of rows alone. Memory: about 60 bytes a row beside
/// the rows and the result.
/// Throws Error(bad_data) when a customers table has two rows of one customer.
[[nodiscard]] std::vector<TableData> build_shard(std::span<const TableLayout> layouts,
                                                 std::span<const std::span<const std::byte>> pieces);

}  // namespace cohort
