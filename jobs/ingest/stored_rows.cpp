// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/stored_rows.hpp"

#include <xxhash.h>

#include <algorithm>
#include <bit>

#include "core/error.hpp"
#include "io/durable_file.hpp"
#include "io/store/event_table.hpp"
#include "io/store/shard_reader.hpp"
#include "jobs/ingest/dataset_build.hpp"

namespace cohort {
namespace {

template <class T>
const std::vector<T>& as(const ColumnValues& values) {
  return std::get<std::vector<T>>(values);
}

bool is_missing(const ColumnValues& values, std::size_t row) {
  if (const auto* small = std::get_if<std::vector<std::int32_t>>(&values)) return (*small)[row] == missing_int32;
  if (const auto* wide = std::get_if<std::vector<std::int64_t>>(&values)) return (*wide)[row] == missing_int64;
  if (const auto* real = std::get_if<std::vector<double>>(&values))
    return std::bit_cast<std::uint64_t>((*real)[row]) == missing_float64_bits;
  return std::get<TextValues>(values)[row].empty();
}

/// Of a row of the customers table, its id apart.
bool has_attributes(const std::vector<ColumnValues>& columns, std::size_t row) {
  return !std::all_of(columns.begin() + 1, columns.end(),
                      [&](const ColumnValues& values) { return is_missing(values, row); });
}

/// Same names and types, whatever the unit of a time.
bool alike(TableSchema a, TableSchema b) {
  for (TableSchema* schema : {&a, &b})
    for (Column& column : schema->columns) column.unit = TimeUnit::microsecond;
  return a == b;
}

}  // namespace

/// The columns of a table's rows in a shard, the first of them the customers' ids.
struct StoredRows::Columns {
  std::vector<Column> types;           ///< as stored
  std::vector<ColumnValues> values;    ///< as the layout's columns
  std::vector<std::int64_t> customer;  ///< of each row, its place among the shard's customers

  [[nodiscard]] std::string_view text(std::size_t column, std::size_t row) const {
    return std::get<TextValues>(values[column])[column == 0 ? static_cast<std::size_t>(customer[row]) : row];
  }
};

StoredRows::StoredRows(std::string folder, std::string text)
    : folder_(std::move(folder)),
      text_(std::move(text)),
      manifest_(parse_manifest(folder_ + "/" + std::string(manifest_name), text_)) {
  for (const std::string& name : manifest_.dictionaries)
    dictionaries_.push_back(read_dictionary(manifest_, folder_, name));
}

std::set<std::string> StoredRows::contents() const {
  std::set<std::string> hashes;
  for (const Source& source : manifest_.sources) hashes.insert(source.hash);
  return hashes;
}

void StoredRows::check_unchanged() const {
  if (read_file(folder_ + "/" + std::string(manifest_name)) == text_) return;
  throw Error(ExitCode::output_exists, fmt::format("{} has been changed while files were read", folder_), "run again");
}

TimeUnit StoredRows::finest_unit(const std::string& table) const {
  TimeUnit unit = TimeUnit::day;
  for (const TableSchema& schema : manifest_.tables)
    for (const Column& column : schema.columns)
      if (schema.name == table && column.type == ColumnType::timestamp) unit = std::max(unit, column.unit);
  return unit;
}

void StoredRows::settle(const std::vector<TableLayout>& layouts, const std::vector<Dictionary>& labels) {
  layouts_ = &layouts;
  check_schema();
  untouched_stay_ = schema_of(layouts) == manifest_.tables;
  for (const Dictionary& before : dictionaries_) {
    const auto now = std::ranges::find(labels, before.name, &Dictionary::name);
    if (now == labels.end()) continue;
    std::vector<std::int32_t>& codes = codes_[before.name];
    for (const std::string& label : before.labels) {
      const auto code = std::ranges::lower_bound(now->labels, label) - now->labels.begin();
      untouched_stay_ = untouched_stay_ && code == std::ssize(codes);
      codes.push_back(static_cast<std::int32_t>(code));
    }
  }
}

void StoredRows::check_schema() const {
  const std::vector<TableSchema> tables = schema_of(*layouts_);
  if (std::ranges::equal(tables, manifest_.tables, alike)) return;
  throw Error(ExitCode::bad_config, fmt::format("append: the tables of {} have other names, columns or types", folder_),
              "declare the sources as they were; files that are in it already are passed over");
}

StoredRows::Columns StoredRows::read(std::size_t shard, const TableLayout& layout) const {
  Columns columns;
  const std::string customers(customers_table), table = layout.events ? layout.name : customers;
  const TableSchema& schema = manifest_.tables[table_index(manifest_, table)];
  columns.types.push_back(manifest_.tables[0].columns[0]);
  columns.values.push_back(read_column(manifest_, folder_, shard, customers, columns.types[0].name));
  for (std::size_t c = 1; c < layout.columns.size(); ++c) {
    columns.types.push_back(schema.columns[column_index(schema, layout.columns[c].name)]);
    columns.values.push_back(read_column(manifest_, folder_, shard, table, columns.types[c].name));
  }
  const std::int64_t count = rows_of(columns.values[0]);
  std::vector<std::int64_t> offsets;
  if (layout.events)
    offsets = as<std::int64_t>(read_column(manifest_, folder_, shard, customers, offset_column(table)));
  offsets.push_back(manifest_.shards[shard].tables[table_index(manifest_, table)].rows);
  for (std::int64_t customer = 0; customer < count; ++customer)
    columns.customer.resize(
        static_cast<std::size_t>(layout.events ? offsets[static_cast<std::size_t>(customer) + 1] : customer + 1),
        customer);
  return columns;
}

/// Appends one row of a table.
void StoredRows::pack(std::size_t table, const Columns& columns, std::size_t row, std::vector<std::byte>& out) const {
  const RowFormat& format = (*layouts_)[table].format;
  std::size_t bytes = format.fixed_bytes();
  for (const std::size_t c : format.texts()) bytes += sizeof(std::uint32_t) + columns.text(c, row).size();
  bytes = (bytes + 7) / 8 * 8;
  const auto customer = static_cast<std::size_t>(columns.customer[row]);
  const auto* ids = std::get_if<std::vector<std::int64_t>>(&columns.values[0]);
  const std::string_view id = ids == nullptr ? columns.text(0, row) : std::string_view();
  const std::size_t begin = out.size();
  out.resize(begin + bytes);
  std::byte* const to = out.data() + begin;
  RowFormat::store(to, 0,
                   RowHeader{.bytes = static_cast<std::uint32_t>(bytes),
                             .table = static_cast<std::uint32_t>(table),
                             .customer = ids == nullptr ? XXH3_64bits(id.data(), id.size())
                                                        : static_cast<std::uint64_t>((*ids)[customer])});
  for (std::size_t c = 1; c < columns.values.size(); ++c) {
    const Column& type = columns.types[c];
    if (const auto* small = std::get_if<std::vector<std::int32_t>>(&columns.values[c])) {
      const std::int32_t value = (*small)[row];
      const bool label = type.type == ColumnType::category && value != missing_int32;
      RowFormat::store(to, format.offset(c), label ? codes_.at(type.name)[static_cast<std::size_t>(value)] : value);
    } else if (const auto* wide = std::get_if<std::vector<std::int64_t>>(&columns.values[c])) {
      const std::int64_t value = (*wide)[row];
      const bool time = type.type == ColumnType::timestamp && value != missing_int64;
      RowFormat::store(to, format.offset(c), time ? value * microseconds_per(type.unit) : value);
    } else if (const auto* real = std::get_if<std::vector<double>>(&columns.values[c])) {
      RowFormat::store(to, format.offset(c), (*real)[row]);
    }
  }
  std::size_t at = format.fixed_bytes();
  for (const std::size_t c : format.texts()) {
    const std::string_view text = columns.text(c, row);
    RowFormat::store(to, at, static_cast<std::uint32_t>(text.size()));
    std::copy(text.begin(), text.end(), reinterpret_cast<char*>(to) + at + sizeof(std::uint32_t));
    at += sizeof(std::uint32_t) + text.size();
  }
}

std::int64_t StoredRows::packed_bytes(std::size_t shard) const {
  std::int64_t bytes = 0;
  for (const TableLayout& layout : *layouts_) {
    const std::size_t table = table_index(manifest_, layout.events ? std::string_view(layout.name) : customers_table);
    bytes += manifest_.shards[shard].tables[table].rows * static_cast<std::int64_t>(layout.format.fixed_bytes());
  }
  return bytes;
}

std::vector<std::byte> StoredRows::rows(std::size_t shard) const {
  std::vector<std::byte> packed;
  std::vector<bool> has_events(static_cast<std::size_t>(manifest_.shards[shard].tables[0].rows), false);
  for (const bool events : {true, false}) {
    for (std::size_t t = 0; t < layouts_->size(); ++t) {
      if ((*layouts_)[t].events != events) continue;
      const Columns columns = read(shard, (*layouts_)[t]);
      for (std::size_t row = 0; row < columns.customer.size(); ++row) {
        const auto customer = static_cast<std::size_t>(columns.customer[row]);
        // Without attributes, who has events may have had no row in the customers table; who has none had one.
        if (events || !has_events[customer] || has_attributes(columns.values, row)) pack(t, columns, row, packed);
        if (events) has_events[customer] = true;
      }
    }
  }
  return packed;
}

}  // namespace cohort
