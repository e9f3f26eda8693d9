// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "jobs/ingest/ingest_params.hpp"
#include "jobs/ingest/table_plan.hpp"

namespace cohort {

/// What is done to rows beside reading them, for the manifest: the rules with all their keys, lookup tables by content,
/// and the columns that are joined from them.
[[nodiscard]] nlohmann::json cleaning_record(IngestParams params, const LookupTables& lookups);

/// Throws Error(bad_config) naming the first difference between the record of a dataset, which may be empty, and that
/// of files to be added to it.
void check_same_cleaning(const std::string& folder, const nlohmann::json& before, const nlohmann::json& now);

}  // namespace cohort
