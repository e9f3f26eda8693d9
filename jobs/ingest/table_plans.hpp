// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "jobs/ingest/table_plan.hpp"

namespace cohort {

[[nodiscard]] std::vector<Column> columns_of(const SourceSchema& schema);

/// What the rows of each source go through, by table number. Throws Error(bad_config) where customers have two types.
[[nodiscard]] std::vector<TablePlan> make_plans(const IngestParams& params,
                                                const std::shared_ptr<const LookupTables>& lookups);

/// The one file of a lookup table; throws Error(bad_config) where several match, Error(input_missing) where none does.
[[nodiscard]] std::string lookup_path(const std::string& name, const LookupParams& params,
                                      const std::filesystem::path& out);

}  // namespace cohort
