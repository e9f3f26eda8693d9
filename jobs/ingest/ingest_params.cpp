// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/ingest_params.hpp"

#include <fmt/ranges.h>

#include "jobs/ingest/source_schema.hpp"

namespace cohort {
namespace {

constexpr std::string_view table_text = "Table whose rows the rule looks at";

/// Throws where a type, a format or a rule's column is not what a source can have.
void check_columns(const IngestParams& params) {
  for (const auto& [name, source] : params.sources) {
    const SourceSchema schema = make_schema(name, source);
    for (const CleaningRule& rule : params.clean) {
      if (table_of(rule) != name) continue;
      for (const std::string& column : columns_of(rule)) (void)schema.find(column);
    }
  }
}

}  // namespace

void SourceParams::describe(Fields& f) {
  f({.name = "path",
     .text = "File, list of files or glob; .gz is read as it is; ${out} stands for the job's --out",
     .required = true},
    path);
  f({.name = "delimiter", .text = "One character between fields, or 'tab'"}, delimiter);
  f({.name = "map",
     .text = "Columns to keep, as `name: column of the file`. `customer` is needed, and `time` for events; $row as the "
             "customer of a customers table numbers its records",
     .required = true},
    map);
  f({.name = "types",
     .text = "Types by name: boolean, int32, int64, float64, date, timestamp, decimal(0..9), category, text. Otherwise "
             "customer is text, time timestamp, basket and item category, quantity int32, price decimal(2), all else "
             "category"},
    types);
  f({.name = "formats", .text = "strptime-like formats of dates and times by name; otherwise ISO 8601"}, formats);
}

void DropMissing::describe(Fields& f) {
  f({.name = "columns", .text = "Hit when one of these is missing", .required = true}, columns);
  f({.name = "table", .text = table_text}, table);
}
void DropPrefix::describe(Fields& f) {
  f({.name = "column", .text = "Category or text column that is looked at", .required = true}, column);
  f({.name = "prefix", .text = "Hit when the value begins so, e.g. the mark of a cancellation", .required = true},
    prefix);
  f({.name = "table", .text = table_text}, table);
}
void DropNonPositive::describe(Fields& f) {
  f({.name = "columns", .text = "Hit when one of these numbers is zero or below; missing is no hit", .required = true},
    columns);
  f({.name = "table", .text = table_text}, table);
}
void DropDuplicates::describe(Fields& f) {
  f({.name = "action",
     .text = "drop removes every row equal in all fields of the file to an earlier one; count only counts them",
     .choices = {"drop", "count"}},
    action);
  f({.name = "table", .text = table_text}, table);
}

const std::string& table_of(const CleaningRule& rule) {
  return std::visit([](const auto& r) -> const std::string& { return r.table; }, rule);
}

std::vector<std::string> columns_of(const CleaningRule& rule) {
  struct Names {
    std::vector<std::string> operator()(const DropMissing& r) const { return r.columns; }
    std::vector<std::string> operator()(const DropPrefix& r) const { return {r.column}; }
    std::vector<std::string> operator()(const DropNonPositive& r) const { return r.columns; }
    std::vector<std::string> operator()(const DropDuplicates&) const { return {}; }
  };
  return std::visit(Names{}, rule);
}

std::string label_of(const CleaningRule& rule) {
  struct Label {
    std::string operator()(const DropMissing& r) const {
      return fmt::format("{}({})", r.kind, fmt::join(r.columns, ", "));
    }
    std::string operator()(const DropPrefix& r) const { return fmt::format("{}({}: {})", r.kind, r.column, r.prefix); }
    std::string operator()(const DropNonPositive& r) const {
      return fmt::format("{}({})", r.kind, fmt::join(r.columns, ", "));
    }
    std::string operator()(const DropDuplicates& r) const { return fmt::format("{}_duplicates", r.action); }
  };
  return std::visit(Label{}, rule);
}

void IngestParams::describe(Fields& f) {
  f({.name = "sources",
     .text = "Tables to fill, by name. `customers` has one row a customer; any other is a table of events",
     .required = true},
    sources);
  f({.name = "clean", .text = "Cleaning rules, in the order that decides which one a removed row is charged to"},
    clean);
  f({.name = "max_bad_rows",
     .text = "Rows that may be quarantined before the job stops with exit code 65",
     .range = {0, 9e18}},
    max_bad_rows);
  f({.name = "max_record_bytes",
     .text = "Longest record; a longer one means a quote was left open",
     .range = {1 << 23, 1 << 29}},
    max_record_bytes);
}

void IngestParams::check(const ConfigNode& node) const {
  std::map<std::string, int> duplicate_rules;
  for (const auto& [name, source] : sources) {
    const bool tab = source.delimiter == "tab" || source.delimiter == "\\t";
    if (!tab && source.delimiter.size() != 1) {
      throw node.error(fmt::format("delimiter '{}' of source {} is not one character", source.delimiter, name),
                       "use e.g. ';' or tab");
    }
    if (!source.map.contains("customer")) {
      throw node.error(fmt::format("source {} maps no column to 'customer'", name),
                       "add `customer: COLUMN` to its map");
    }
    if (name != "customers" && !source.map.contains("time")) {
      throw node.error(fmt::format("source {} is a table of events but maps no column to 'time'", name),
                       "add `time: COLUMN` to its map, or call the source `customers` if it has one row a customer");
    }
    for (const auto& keys : {source.types, source.formats}) {
      for (const auto& [column, unused] : keys) {
        if (!source.map.contains(column)) {
          throw node.error(fmt::format("source {} declares '{}', which its map does not have", name, column),
                           "name a mapped column");
        }
      }
    }
  }
  for (const CleaningRule& rule : clean) {
    if (!sources.contains(table_of(rule))) {
      throw node.error(
          fmt::format("rule {} looks at table '{}', which no source fills", label_of(rule), table_of(rule)),
          "add `table: NAME` to the rule");
    }
    if (std::holds_alternative<DropDuplicates>(rule) && ++duplicate_rules[table_of(rule)] > 1) {
      throw node.error(fmt::format("two rules look for duplicates in '{}'", table_of(rule)), "keep one of them");
    }
  }
  try {
    check_columns(*this);
  } catch (const Error& error) {
    throw node.error(error.what(), error.next());
  }
}

}  // namespace cohort
