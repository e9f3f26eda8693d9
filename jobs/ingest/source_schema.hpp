// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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
  std::string lookup, lookup_field;  ///< of a joined column
  std::size_t lookup_key = 0;        ///< of a joined column: the column of the schema that holds the key

  /// Whether the file has it; else it is numbered, joined or found by a rule.
  [[nodiscard]] bool in_file() const { return !source_name.starts_with('$'); }
  /// Whether its values are read from texts.
  [[nodiscard]] bool has_text() const { return in_file() || !lookup.empty(); }
};

/// How the files of a source write text and numbers.
struct TextForm {
  std::string encoding = "utf-8";
  char decimal = '.';
  std::string thousands;
};

/// A source's columns in the order they are stored: customer first, then time for events, then by name.
struct SourceSchema {
  std::string table;
  bool events = true;
  bool numbered_customers = false;  ///< the customer is the record's number in its file
  std::vector<SourceColumn> columns;
  TextForm form;

  /// Index of a column; throws Error(bad_config).
  [[nodiscard]] std::size_t find(const std::string& name) const;
};

/// Name of the column that a rule which flags outliers fills.
[[nodiscard]] std::string flag_column(const Outliers& rule);

/// Throws Error(bad_config) for an unknown type or format, and a join without its lookup. Rules of the table that flag
/// rows add their columns.
[[nodiscard]] SourceSchema make_schema(const std::string& table, const IngestParams& params);

}  // namespace cohort
