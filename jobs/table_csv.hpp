// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "jobs/step.hpp"

namespace cohort {

/// Collective. Writes a table of result.json as CSV too; missing is empty.
void write_table_csv(const Context& context, const ResultTable& table, const std::filesystem::path& path);

}  // namespace cohort
