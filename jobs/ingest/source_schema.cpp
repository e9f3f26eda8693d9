// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/source_schema.hpp"

#include <algorithm>
#include <utility>

namespace cohort {
namespace {

std::string_view default_type(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> of_roles[]{
      {"customer", "text"}, {"time", "timestamp"}, {"quantity", "int32"}, {"price", "decimal(2)"}};
  for (const auto& [role, type] : of_roles) {
    if (role == name) return type;
  }
  return "category";
}

SourceColumn make_column(const std::string& name, const SourceParams& params) {
  const auto declared = params.types.find(name);
  SourceColumn column{
      .column = parse_type(name, declared != params.types.end() ? declared->second : default_type(name)),
      .source_name = params.map.at(name)};
  const bool is_time = column.column.type == ColumnType::timestamp || column.column.type == ColumnType::date;
  if (const auto format = params.formats.find(name); format != params.formats.end()) {
    if (!is_time)
      throw Error(ExitCode::bad_config, fmt::format("column '{}' has a format but is no date or time", name),
                  "drop the format");
    column.format = TimeFormat(format->second);
  } else if (is_time) {
    column.format = TimeFormat(column.column.type == ColumnType::date ? "%Y-%m-%d" : "%Y-%m-%d %H:%M:%S");
  }
  return column;
}

int rank_of_name(const std::string& name) {
  return name == "customer" ? 0 : name == "time" ? 1 : 2;
}

}  // namespace

std::size_t SourceSchema::find(const std::string& name) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].column.name == name) return i;
    names.push_back(columns[i].column.name);
  }
  const std::string near = nearest(name, names);
  throw Error(ExitCode::bad_config, fmt::format("source {} has no column '{}'", table, name),
              near.empty() ? "name a column of its map" : fmt::format("did you mean '{}'?", near));
}

SourceSchema make_schema(const std::string& table, const SourceParams& params) {
  SourceSchema schema{.table = table, .events = table != "customers"};
  for (const auto& [name, unused] : params.map) schema.columns.push_back(make_column(name, params));
  std::stable_sort(schema.columns.begin(), schema.columns.end(), [](const SourceColumn& a, const SourceColumn& b) {
    return rank_of_name(a.column.name) < rank_of_name(b.column.name);
  });
  SourceColumn& customer = schema.columns.front();
  schema.numbered_customers = customer.source_name == "$row";
  if (schema.numbered_customers) customer.column.type = ColumnType::int64;
  if (schema.numbered_customers && schema.events) {
    throw Error(ExitCode::bad_config, fmt::format("events of source {} need a customer, not $row", table),
                "map a column to it");
  }
  if (customer.column.type != ColumnType::int64 && customer.column.type != ColumnType::text) {
    throw Error(ExitCode::bad_config, fmt::format("the customer of source {} is {}", table, type_name(customer.column)),
                "declare it int64 or text");
  }
  if (schema.events && schema.columns[1].column.type != ColumnType::timestamp) {
    throw Error(ExitCode::bad_config,
                fmt::format("the time of source {} is {}", table, type_name(schema.columns[1].column)),
                "declare it timestamp; a format without a time of day is fine");
  }
  return schema;
}

}  // namespace cohort
