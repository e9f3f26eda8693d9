// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/column.hpp"
#include "io/store/shard_writer.hpp"
#include "jobs/ingest/orphans.hpp"
#include "jobs/ingest/row_format.hpp"
#include "jobs/ingest/shard_rules.hpp"

namespace cohort {

/// One table on its way into shards: how its rows are packed and how they are kept.
struct TableLayout {
  std::string name;
  bool events = true;
  std::vector<Column> columns;  ///< [0] the customer; events: [1] the time, in the unit it is stored in
  RowFormat format;
  bool drop_duplicates = false;
  std::vector<ShardStep> steps{};  ///< rules that compare rows, in order
  std::size_t rules = 0;           ///< of the table in all
};

/// What building a shard finds.
struct ShardFindings {
  std::vector<BalanceSheet> sheets;  ///< by layout
  std::vector<OrphanRow> orphans;    ///< quarantined: of tables whose rows know their place
};

/// Turns the rows of one shard, in any order, into its tables: customers sorted by id, each table of events sorted by
/// (customer, time, then all other columns in their order: whole numbers and labels by value, float64 by bits, missing
/// first, texts by bytes at last). So the result depends on the set of rows alone: not on the files they came in, nor
/// on where in them they stood. Memory: about 60 bytes a row beside the rows and the result. Charges the rules that
/// compare rows, by layout, in `found`. Events that know their place and whose customer has no row in
/// the customers table are left out, and listed. Throws Error(bad_data) when a customers table has two rows of one
/// customer.
[[nodiscard]] std::vector<TableData> build_shard(std::span<const TableLayout> layouts,
                                                 std::span<const std::span<const std::byte>> pieces,
                                                 ShardFindings& found);

}  // namespace cohort
