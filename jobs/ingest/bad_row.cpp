// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/bad_row.hpp"

#include "core/error.hpp"

namespace cohort {

std::string reason_of(const SourceSchema& schema, const std::vector<ParsedColumn>& columns, std::size_t row) {
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const SourceColumn& source = schema.columns[c];
    const bool key = c == 0 || (c == 1 && schema.events);
    const ParseStatus status = columns[c].statuses[row];
    if (!is_good(status)) {
      const std::string as = source.source_name == source.column.name ? "" : "'" + source.source_name + "' as ";
      const std::string format = status == ParseStatus::not_a_time ? " " + source.format.text() : "";
      return fmt::format("column {}{}{}", as, explain(status, (*columns[c].texts)[row], source.column), format);
    }
    if (key && source.has_text() && columns[c].is_missing(row)) {
      return fmt::format("column '{}' is empty, so the row has no {}; a drop_missing rule would remove it",
                         source.source_name, source.column.name);
    }
  }
  return "unreadable";
}

}  // namespace cohort
