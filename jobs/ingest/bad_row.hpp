// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "jobs/ingest/parsed_column.hpp"
#include "jobs/ingest/source_schema.hpp"

namespace cohort {

/// A row that could not be read.
struct BadRow {
  std::uint64_t position = 0;
  std::string file;
  std::int64_t line = 0;
  std::string reason, text;
};

/// Why row `row` of a parsed batch could not be read: the first column that is bad, or empty where it must not be.
[[nodiscard]] std::string reason_of(const SourceSchema& schema, const std::vector<ParsedColumn>& columns,
                                    std::size_t row);

}  // namespace cohort
