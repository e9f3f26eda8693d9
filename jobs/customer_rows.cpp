// SPDX-License-Identifier: Apache-2.0
#include "jobs/customer_rows.hpp"

#include <cmath>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "io/store/dataset.hpp"
#include "io/store/dictionaries.hpp"
#include "io/store/event_table.hpp"
#include "io/store/shard_reader.hpp"
#include "io/text/csv_field.hpp"
#include "jobs/output_folder.hpp"
#include "jobs/shard_gather.hpp"

namespace cohort {
namespace {

bool holds_numbers(const Column& column) {
  return column.type != ColumnType::text && column.type != ColumnType::category && column.name != "customer_id";
}

std::string shard_csv(const CustomerRows& rows, std::size_t shard,
                      const std::vector<std::vector<std::string>>& labels) {
  std::vector<ColumnData> columns;
  for (const Column& column : rows.schema().columns) {
    columns.push_back({column, read_column(*rows.manifest, rows.folder.string(), shard, customers_table, column.name)});
  }
  std::string text;
  const auto count = static_cast<std::size_t>(rows_of(columns.front().values));
  for (std::size_t row = 0; row < count; ++row) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (c > 0) text += ',';
      append_csv_value(columns[c], row, labels[c], text);
    }
    text += '\n';
  }
  return text;
}

}  // namespace

void append_csv_value(const ColumnData& data, std::size_t row, const std::vector<std::string>& labels,
                      std::string& line) {
  const Column& column = data.column;
  if (const auto* small = std::get_if<std::vector<std::int32_t>>(&data.values)) {
    const std::int32_t value = (*small)[row];
    if (value == missing_int32) return;
    if (column.type == ColumnType::category) {
      line += csv_field(labels[static_cast<std::size_t>(value)]);
    } else if (column.type == ColumnType::date) {
      line += iso_date(value);
    } else {
      fmt::format_to(std::back_inserter(line), "{}", value);
    }
  } else if (const auto* wide = std::get_if<std::vector<std::int64_t>>(&data.values)) {
    const std::int64_t value = (*wide)[row];
    if (value == missing_int64) return;
    if (column.type == ColumnType::decimal) {
      line += decimal_text(value, column.scale);
    } else if (column.type == ColumnType::timestamp) {
      line += iso_time(value, column.unit);
    } else {
      fmt::format_to(std::back_inserter(line), "{}", value);
    }
  } else if (const auto* real = std::get_if<std::vector<double>>(&data.values)) {
    if (!std::isnan((*real)[row])) fmt::format_to(std::back_inserter(line), "{}", (*real)[row]);
  } else {
    line += csv_field(std::get<TextValues>(data.values)[row]);
  }
}

std::vector<std::string> CustomerRows::numeric_columns() const {
  std::vector<std::string> names;
  for (const Column& column : schema().columns) {
    bool offset = false;
    for (const TableSchema& table : manifest->tables) offset = offset || column.name == offset_column(table.name);
    if (holds_numbers(column) && !offset) names.push_back(column.name);
  }
  return names;
}

ShardNumericTable CustomerRows::numbers(Communicator& comm, const std::vector<std::string>& names) const {
  return made_collectively(comm, [&] {
    return ShardNumericTable(*manifest, folder.string(), shards, names.empty() ? numeric_columns() : names);
  });
}

bool is_step_with_table(const StepContext& step, const std::string& input) {
  std::string found;
  if (step.context.comm.rank() == 0 && std::filesystem::exists(step.out / input / "table")) found = "yes";
  step.context.comm.broadcast(found, 0);
  return !found.empty();
}

CustomerRows open_customer_rows(const StepContext& step, const std::string& input) {
  CustomerRows rows;
  if (input == "dataset") {
    rows.folder = step.dataset();
  } else if (is_step_with_table(step, input)) {
    rows.folder = step.out / input / "table";
  } else {
    rows.folder = input;
  }
  rows.manifest = std::make_unique<const Manifest>(share_manifest(step.context.comm, rows.folder));
  rows.shards = shards_of_rank(*rows.manifest, step.context.comm.rank(), step.context.comm.size());
  return rows;
}

void write_customers_csv(const Context& context, const CustomerRows& rows, const std::filesystem::path& path) {
  std::vector<std::vector<std::string>> labels;
  std::vector<std::string> names;
  collectively(context.comm, [&] {
    for (const Column& column : rows.schema().columns) {
      names.push_back(column.name);
      labels.emplace_back();
      if (column.type == ColumnType::category)
        labels.back() = read_dictionary(*rows.manifest, rows.folder.string(), column.name).labels;
    }
  });
  write_in_pieces(context, path, csv_header_line(names), std::ssize(rows.manifest->shards), rows.shards,
                  [&](int shard) { return shard_csv(rows, static_cast<std::size_t>(shard), labels); });
}

}  // namespace cohort
