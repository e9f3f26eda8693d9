// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/fields.hpp"

namespace cohort {

[[nodiscard]] std::string list_jobs();                              ///< a line a job
[[nodiscard]] std::string describe_job(const std::string& name);    ///< Markdown; "all": configs/REFERENCE.md
[[nodiscard]] Json schema_of_job(const std::string& name);          ///< JSON Schema; "all": of job files
[[nodiscard]] std::string dataset_info(const std::string& folder);  ///< schema, shards, rows, sources

}  // namespace cohort
