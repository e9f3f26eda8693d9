// SPDX-License-Identifier: Apache-2.0
#include "jobs/table_csv.hpp"

#include "core/collectively.hpp"
#include "io/durable_file.hpp"
#include "io/text/csv_field.hpp"

namespace cohort {

void write_table_csv(const Context& context, const ResultTable& table, const std::filesystem::path& path) {
  collectively(context.comm, [&] {
    if (context.comm.rank() != 0) return;
    std::string text = csv_header_line(table.columns);
    for (const std::vector<Json>& row : table.rows) {
      for (std::size_t c = 0; c < row.size(); ++c) {
        if (c > 0) text += ',';
        if (row[c].is_string())
          text += csv_field(row[c].get_ref<const std::string&>());
        else if (!row[c].is_null())
          text += row[c].dump();
      }
      text += '\n';
    }
    write_file(path.string(), text);
  });
}

}  // namespace cohort
