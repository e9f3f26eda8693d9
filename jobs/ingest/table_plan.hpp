// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "jobs/ingest/lookup_table.hpp"
#include "jobs/ingest/row_format.hpp"
#include "jobs/ingest/source_schema.hpp"

namespace cohort {

/// Lookup tables by name, the same on all ranks.
using LookupTables = std::map<std::string, LookupTable>;

/// What a table's rows go through, shared by all threads.
struct TablePlan {
  SourceSchema schema;
  std::uint32_t table = 0;  ///< number of the table
  RowFormat format;
  std::vector<CleaningRule> rules;  ///< of this table, in declared order
  std::int64_t duplicates = -1;     ///< which of them looks for duplicates
  std::shared_ptr<const LookupTables> lookups;
};

[[nodiscard]] std::vector<Column> columns_of(const SourceSchema& schema);

/// What the rows of each source go through, by table number. Throws Error(bad_config) where customers have two types.
[[nodiscard]] std::vector<TablePlan> make_plans(const IngestParams& params,
                                                const std::shared_ptr<const LookupTables>& lookups);

/// The one file of a lookup table; throws Error(bad_config) where several match, Error(input_missing) where none does.
[[nodiscard]] std::string lookup_path(const std::string& name, const LookupParams& params,
                                      const std::filesystem::path& out);

}  // namespace cohort
