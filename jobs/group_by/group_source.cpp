// SPDX-License-Identifier: Apache-2.0
#include "jobs/group_by/group_source.hpp"

#include <algorithm>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "io/store/dictionaries.hpp"
#include "io/store/event_table.hpp"

namespace cohort {
namespace {

bool has_table(const Manifest& manifest, const std::string& name) {
  return std::ranges::find(manifest.tables, name, &TableSchema::name) != manifest.tables.end();
}

/// Collective. The folder that holds the rows.
CustomerRows open_rows(const StepContext& step, const std::string& input) {
  if (input == "dataset" || is_step_with_table(step, input)) return open_customer_rows(step, input);
  CustomerRows dataset = open_customer_rows(step, "dataset");
  if (has_table(*dataset.manifest, input)) return dataset;
  return open_customer_rows(step, input);
}

bool is_attribute(const TableSchema& schema, const std::string& name) {
  return name.find('.') != std::string::npos &&
         std::ranges::find(schema.columns, name, &Column::name) == schema.columns.end();
}

}  // namespace

GroupSource::GroupSource(const StepContext& step, const std::string& input, const std::vector<std::string>& names)
    : rows_(open_rows(step, input)) {
  table_name_ = has_table(*rows_.manifest, input) ? input : std::string(customers_table);
  const TableSchema& schema = rows_.manifest->tables[table_index(*rows_.manifest, table_name_)];
  std::vector<std::string> own, of_customer;
  for (const std::string& name : names) (is_attribute(schema, name) ? of_customer : own).push_back(name);
  collectively(step.context.comm, [&] {
    table_ = std::make_unique<ShardRowTable>(*rows_.manifest, rows_.folder.string(), rows_.shards, table_name_, own);
  });
  columns_ = table_->columns();
  for (const std::string& name : of_customer) add_attribute(step, name);
  if (of_customer.empty() || table_name_ == customers_table) return;
  collectively(step.context.comm,
               [&] { offsets_ = customer_values(rows_, rows_, offset_column(table_name_), table_name_); });
}

/// Collective.
void GroupSource::add_attribute(const StepContext& step, const std::string& name) {
  const std::size_t dot = name.find('.');
  const std::string from = name.substr(0, dot), column = name.substr(dot + 1);
  CustomerRows table = open_customer_rows(step, from);
  collectively(step.context.comm, [&] {
    Column type = table.schema().columns[column_index(table.schema(), column)];
    if (type.type == ColumnType::text || type.type == ColumnType::float64)
      throw Error(ExitCode::bad_config,
                  fmt::format("column {} of {} is of type {}: it makes no groups", column, from, type_name(type)),
                  "name a column with categories or whole numbers");
    CustomerValues values = customer_values(table, rows_, column, name);
    type.name = name;
    columns_.push_back(type);
    attributes_.push_back({.table = std::move(table), .column = column, .values = std::move(values)});
  });
}

std::size_t GroupSource::index_of(const std::string& name) const {
  return static_cast<std::size_t>(std::ranges::find(columns_, name, &Column::name) - columns_.begin());
}

std::int64_t GroupSource::total_rows() const {
  return cohort::total_rows(*rows_.manifest, table_index(*rows_.manifest, table_name_));
}

ValueRange GroupSource::range(std::size_t column) const {
  if (columns_[column].type == ColumnType::category) return {0, std::ssize(labels(column)) - 1};
  const std::size_t own = table_->columns().size();
  const bool is_own = column < own;
  const CustomerRows& rows = is_own ? rows_ : attributes_[column - own].table;
  const std::size_t table = table_index(*rows.manifest, is_own ? table_name_ : customers_table);
  const std::string& name = is_own ? columns_[column].name : attributes_[column - own].column;
  const Zone zone = zone_of(*rows.manifest, table, column_index(rows.manifest->tables[table], name));
  return zone.empty() ? ValueRange{} : ValueRange{zone.low, zone.high};
}

std::vector<std::string> GroupSource::labels(std::size_t column) const {
  const std::size_t own = table_->columns().size();
  if (column < own) return read_dictionary(*rows_.manifest, rows_.folder.string(), columns_[column].name).labels;
  const Attribute& attribute = attributes_[column - own];
  return read_dictionary(*attribute.table.manifest, attribute.table.folder.string(), attribute.column).labels;
}

bool GroupSource::may_hold(const ShardRowTable::Block& block, std::size_t column, std::int64_t low,
                           std::int64_t high) const {
  if (column >= table_->columns().size()) return true;
  const Zone& zone = table_->zone(block, column);
  return zone.low <= high && zone.high >= low;
}

/// A customer's value for each row of a tile.
void GroupSource::fill(std::int32_t shard, const RowTile& tile, const CustomerValues& values,
                       std::vector<std::int64_t>& out) const {
  const std::vector<std::int64_t>& of_customer = values.at(shard);
  out.resize(tile.rows);
  if (offsets_.empty()) {
    std::copy_n(of_customer.begin() + tile.first, tile.rows, out.begin());
    return;
  }
  const std::vector<std::int64_t>& first = offsets_.at(shard);
  auto next = std::upper_bound(first.begin(), first.end(), tile.first);
  for (std::size_t i = 0; i < tile.rows; ++i) {
    while (next != first.end() && *next <= tile.first + static_cast<std::int64_t>(i)) ++next;
    out[i] = of_customer[static_cast<std::size_t>(next - first.begin() - 1)];
  }
}

GroupSource::Reader::Reader(const GroupSource& source)
    : source_(source), rows_(source.table_->reader()), attributes_(source.attributes_.size()) {}

void GroupSource::Reader::read(std::int64_t block, bool sample, const std::function<void(const RowTile&)>& add) {
  const std::int32_t shard = source_.blocks()[static_cast<std::size_t>(block)].shard;
  bool done = false;
  rows_->read(block, [&](const RowTile& tile) {
    if (done) return;
    done = sample;
    if (attributes_.empty()) return add(tile);
    views_.assign(tile.columns.begin(), tile.columns.end());
    for (std::size_t a = 0; a < attributes_.size(); ++a) {
      source_.fill(shard, tile, source_.attributes_[a].values, attributes_[a]);
      views_.push_back({.int32s = {}, .int64s = attributes_[a], .float64s = {}});
    }
    add({.first = tile.first, .rows = tile.rows, .columns = views_});
  });
}

}  // namespace cohort
