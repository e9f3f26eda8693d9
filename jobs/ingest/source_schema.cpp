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

/// "UTC" or the distance from it: "+08:00", "-05:30".
std::int64_t parse_zone(const std::string& zone) {
  if (zone == "UTC" || zone == "Z") return 0;
  const auto digit = [&](std::size_t i) { return zone[i] - '0'; };
  bool good = zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':';
  for (const std::size_t i : {1U, 2U, 4U, 5U}) good = good && zone[i] >= '0' && zone[i] <= '9';
  const std::int64_t minutes = good ? (digit(1) * 10 + digit(2)) * 60 + digit(4) * 10 + digit(5) : 0;
  if (!good || minutes > 18 * 60) {
    throw Error(
        ExitCode::bad_config, fmt::format("'{}' is no distance from UTC", zone),
        zone.find('/') != std::string::npos
            ? "named zones are not read yet: write the distance from UTC that holds for the files, e.g. +01:00; "
              "convert times of a zone whose clocks change before"
            : "write UTC, +08:00 or -05:30; convert times of a zone whose clocks change before");
  }
  return (zone[0] == '-' ? -minutes : minutes) * microseconds_per(TimeUnit::minute);
}

/// What stands for no column of a file is not for every column.
void check_special(const std::string& name, const std::string& source_name) {
  if (source_name == "$flag")
    throw Error(ExitCode::bad_config, fmt::format("column '{}' is '$flag', which a rule fills", name),
                "declare the rule outliers with `action: flag`, which adds its column");
  if (source_name == "$row" && name != "customer")
    throw Error(ExitCode::bad_config, fmt::format("column '{}' is '$row', which only `customer` can be", name),
                "map a column of the file");
}

SourceColumn make_column(const std::string& name, const SourceParams& params) {
  check_special(name, params.map.at(name));
  const auto declared = params.types.find(name);
  SourceColumn column{
      .column = parse_type(name, declared != params.types.end() ? declared->second : default_type(name)),
      .source_name = params.map.at(name)};
  const bool is_date = column.column.type == ColumnType::date;
  const bool is_time = column.column.type == ColumnType::timestamp || is_date;
  const std::int64_t ahead = is_date ? 0 : parse_zone(params.time_zone);  // a day is one of the files' calendar
  if (const auto format = params.formats.find(name); format != params.formats.end()) {
    if (!is_time)
      throw Error(ExitCode::bad_config, fmt::format("column '{}' has a format but is no date or time", name),
                  "drop the format");
    column.format = TimeFormat(format->second, ahead);
  } else if (is_time) {
    column.format = TimeFormat(is_date ? "%Y-%m-%d" : "%Y-%m-%d %H:%M:%S", ahead);
  }
  return column;
}

TextForm make_form(const SourceParams& params) {
  return {.encoding = params.encoding, .decimal = params.decimal[0], .thousands = params.thousands};
}

/// Splits "$products.category" of joined columns and finds the columns that hold their keys.
void find_keys(const IngestParams& ingest, const SourceParams& params, SourceSchema& schema) {
  for (SourceColumn& column : schema.columns) {
    const std::size_t dot = column.source_name.find('.');
    if (column.in_file() || column.source_name == "$row" || column.source_name == "$flag") continue;
    column.lookup = column.source_name.substr(1, dot - 1);
    column.lookup_field = dot == std::string::npos ? "" : column.source_name.substr(dot + 1);
    const auto key = params.joins.find(column.lookup);
    if (column.lookup_field.empty() || key == params.joins.end() || !ingest.lookups.contains(column.lookup)) {
      throw Error(ExitCode::bad_config,
                  fmt::format("column '{}' of source {} is '{}', which joins no lookup table", column.column.name,
                              schema.table, column.source_name),
                  "write $LOOKUP.COLUMN, declare LOOKUP under lookups, and its key under the source's joins");
    }
    column.lookup_key = schema.find(key->second);
    if (schema.columns[column.lookup_key].in_file()) continue;
    throw Error(ExitCode::bad_config,
                fmt::format("the key '{}' of lookup {} is not in the file", key->second, column.lookup),
                "join by a column of the file");
  }
}

int rank_of_name(const std::string& name) {
  return name == "customer" ? 0 : name == "time" ? 1 : 2;
}

}  // namespace

std::string flag_column(const Outliers& rule) {
  return rule.column + "_outlier";
}

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

SourceSchema make_schema(const std::string& table, const IngestParams& ingest) {
  const SourceParams& params = ingest.sources.at(table);
  SourceSchema schema{.table = table, .events = table != "customers", .columns = {}, .form = make_form(params)};
  for (const auto& [name, unused] : params.map) schema.columns.push_back(make_column(name, params));
  for (const CleaningRule& rule : ingest.clean) {
    const auto* outliers = std::get_if<Outliers>(&rule);
    if (outliers == nullptr || outliers->table != table || outliers->action != "flag") continue;
    schema.columns.push_back({.column = {.name = flag_column(*outliers), .type = ColumnType::boolean},
                              .source_name = "$flag",
                              .format = {},
                              .lookup = {},
                              .lookup_field = {}});
  }
  std::stable_sort(schema.columns.begin(), schema.columns.end(), [](const SourceColumn& a, const SourceColumn& b) {
    return rank_of_name(a.column.name) < rank_of_name(b.column.name);
  });
  find_keys(ingest, params, schema);
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
