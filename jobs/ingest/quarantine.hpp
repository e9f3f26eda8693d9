// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "core/context.hpp"
#include "jobs/ingest/bad_row.hpp"

namespace cohort {

inline constexpr const char* quarantine_name = "quarantine.csv";

/// Collective. Writes the bad rows of all ranks in the order of their source positions: file, line, reason, text. They
/// come to rank 0 a few at a time.
void write_quarantine(const Context& context, const std::filesystem::path& path, std::vector<BadRow> mine);

}  // namespace cohort
