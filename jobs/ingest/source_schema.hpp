// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/column.hpp"
#include "io/text/text_time.hpp"
#include "jobs/ingest/ingest_params.hpp"

namespace cohort {

/// One column of a source: what it is called and how its text becomes a value.
struct SourceColumn {
  Column column;
  std::string source_name;  ///< column of the file
  TimeFormat format;
};

/// A source's columns in the order they are stored: customer first, then time for events, then by name.
struct SourceSchema {
  std::string table;
  bool events = true;
  bool numbered_customers = false;  ///< the customer is the record's number in its file
  std::vector<SourceColumn> columns;

  /// Index of a column; throws Error(bad_config).
  [[nodiscard]] std::size_t find(const std::string& name) const;
};

/// Throws Error(bad_config) for an unknown type or format.
[[nodiscard]] SourceSchema make_schema(const std::string& table, const SourceParams& params);

}  // namespace cohort
