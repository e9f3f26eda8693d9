// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/ingest_params.hpp"

#include <algorithm>
#include <cmath>

#include "io/text/text_parse.hpp"
#include "jobs/ingest/row_rules.hpp"
#include "jobs/ingest/source_schema.hpp"

namespace cohort {
namespace {

/// The rules are applied as: changes of texts, rules of single rows, rules that compare rows. Throws where a table's
/// rules are declared in another order, so that the order written is the order applied.
void check_order(const std::vector<CleaningRule>& before, const CleaningRule& rule) {
  for (const CleaningRule& earlier : before) {
    bool in_order = stage_of(earlier) <= stage_of(rule) || std::holds_alternative<DropDuplicates>(earlier);
    if (!in_order && stage_of(earlier) == RuleStage::row) {
      // A change of texts does not touch a rule that looks at other columns.
      const std::vector<std::string> seen = base_of(earlier).looked_at(), changed = base_of(rule).looked_at();
      in_order = std::find_first_of(seen.begin(), seen.end(), changed.begin(), changed.end()) == seen.end();
    }
    if (in_order) continue;
    throw Error(ExitCode::bad_config,
                fmt::format("{} comes after {}, which would not see it", label_of(rule), label_of(earlier)),
                "declare changes of texts first, then rules of single rows, then rules that compare rows");
  }
}

bool is_number(const Column& column) {
  return column.type == ColumnType::int32 || column.type == ColumnType::int64 || column.type == ColumnType::float64 ||
         column.type == ColumnType::decimal;
}

/// Throws where a rule that compares rows looks at a column it cannot take.
void check_shard_rule(const CleaningRule& rule, const SourceSchema& schema) {
  const auto need = [&](const std::string& name, auto fits, const char* what) {
    const Column& column = schema.columns[schema.find(name)].column;
    if (fits(column)) return;
    throw Error(ExitCode::bad_config, fmt::format("{}: column '{}' is {}", label_of(rule), name, type_name(column)),
                fmt::format("name a column of {}", what));
  };
  const auto has_fixed_width = [](const Column& column) { return storage_of(column.type) != Storage::text; };
  const auto is_category = [](const Column& column) { return column.type == ColumnType::category; };
  if (const auto* outliers = std::get_if<Outliers>(&rule)) need(outliers->column, is_number, "numbers");
  if (const auto* repeated = std::get_if<DropRepeated>(&rule)) {
    for (const std::string& name : repeated->columns) (void)schema.find(name);
    if (!repeated->by.empty()) need(repeated->by, has_fixed_width, "numbers, dates or times");
  }
  if (std::holds_alternative<NetReturns>(rule)) {
    need(
        "quantity", [](const Column& c) { return is_number(c) && c.type != ColumnType::float64; }, "whole numbers");
    for (const char* name : {"item", "price"}) need(name, has_fixed_width, "numbers or categories");
  }
  if (const auto* impute = std::get_if<Impute>(&rule)) {
    if (!impute->by.empty()) need(impute->by, is_category, "categories");
    need(
        impute->column, [&](const Column& c) { return is_number(c) || (is_category(c) && impute->with == "mode"); },
        impute->with == "mode" ? "numbers or categories" : "numbers");
  }
}

/// Throws where a type, a format or a rule's column is not what a source can have.
void check_columns(const IngestParams& params) {
  for (const auto& [name, source] : params.sources) {
    const SourceSchema schema = make_schema(name, params);
    std::vector<CleaningRule> rules;
    for (const auto& [lookup, key] : source.joins) (void)schema.find(key);
    for (const CleaningRule& rule : params.clean) {
      if (base_of(rule).table != name) continue;
      check_order(rules, rule);
      check_shard_rule(rule, schema);
      rules.push_back(rule);
    }
    (void)RowRules(schema, rules, nullptr);
  }
}

/// Throws where no file can have such a delimiter; `what` says whose it is.
void check_delimiter(const std::string& what, const std::string& delimiter, const std::string& encoding,
                     const ConfigNode& node) {
  const bool tab = delimiter == "tab" || delimiter == "\\t" || delimiter == "\t";
  if (!tab && delimiter.size() != 1) {
    throw node.error(fmt::format("delimiter '{}' of {} is not one character", delimiter, what), "use e.g. ';' or tab");
  }
  if (encoding == "gb18030" && !tab && delimiter != "," && delimiter != ";") {
    throw node.error(fmt::format("{}: '{}' may be part of a character of gb18030", what, delimiter),
                     "separate fields by ',', ';' or tab, or convert the file");
  }
}

/// Throws where a source's files cannot be written as it says.
void check_form(const std::string& name, const SourceParams& source, const ConfigNode& node) {
  check_delimiter("source " + name, source.delimiter, source.encoding, node);
  if (source.is_json() && (source.encoding != "utf-8" || source.delimiter != "," || source.decimal != ".")) {
    throw node.error(fmt::format("source {} is JSON lines, which are UTF-8 and have no delimiter", name),
                     "drop encoding, delimiter and decimal");
  }
  if (source.decimal == source.thousands) {
    throw node.error(fmt::format("source {} has one mark for decimals and thousands", name), "declare two");
  }
}

/// Throws where a source lacks a column it needs, or declares one it does not have.
void check_map(const std::string& name, const SourceParams& source, const ConfigNode& node) {
  if (!source.map.contains("customer")) {
    throw node.error(fmt::format("source {} maps no column to 'customer'", name), "add `customer: COLUMN` to its map");
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

/// Throws where a rule looks at what is not there.
void check_rules(const IngestParams& params, const ConfigNode& node) {
  std::map<std::string, int> duplicate_rules;
  for (const CleaningRule& rule : params.clean) {
    const std::string& table = base_of(rule).table;
    const auto* unknown = std::get_if<DropUnknownKey>(&rule);
    if (unknown != nullptr && !params.lookups.contains(unknown->lookup)) {
      throw node.error(fmt::format("rule {} names a lookup that is not declared", label_of(rule)),
                       "declare it under lookups");
    }
    if (!params.sources.contains(table)) {
      throw node.error(fmt::format("rule {} looks at table '{}', which no source fills", label_of(rule), table),
                       "add `table: NAME` to the rule");
    }
    if (std::holds_alternative<DropDuplicates>(rule) && ++duplicate_rules[table] > 1) {
      throw node.error(fmt::format("two rules look for duplicates in '{}'", table), "keep one of them");
    }
  }
}

/// What was ingested before cannot be looked at again as it came.
void check_append(const IngestParams& params, const ConfigNode& node) {
  for (const CleaningRule& rule : params.clean) {
    if (stage_of(rule) != RuleStage::shard && !std::holds_alternative<DropDuplicates>(rule)) continue;
    throw node.error(fmt::format("append, with the rule '{}', which compares rows", label_of(rule)),
                     "ingest all files anew, or leave the rule out");
  }
  if (params.unknown_customers == "quarantine")
    throw node.error("append, with unknown_customers: quarantine", "ingest all files anew, or let them be created");
  for (const auto& [name, source] : params.sources) {
    if (source.map.at("customer") == "$row")
      throw node.error(fmt::format("append, but the records of source {} are numbered", name),
                       "map a column to `customer`");
  }
}

}  // namespace

void SourceParams::describe(Fields& f) {
  f({.name = "path",
     .text =
         "File, list of files or glob; .gz and .zst are read as they are, of files with equal bytes only one; ${out} "
         "stands for the job's --out",
     .required = true},
    path);
  f({.name = "format",
     .text = "csv is delimited text with a header; json_lines has one object a line, whose keys are the columns: the "
             "first must name all that are mapped, later ones may leave some out",
     .choices = {"csv", "json_lines"}},
    format);
  f({.name = "delimiter", .text = "One character between fields, or 'tab'"}, delimiter);
  f({.name = "encoding",
     .text = "What the files' bytes mean; latin-1 is Windows-1252",
     .choices = {"utf-8", "latin-1", "gb18030"}},
    encoding);
  f({.name = "decimal", .text = "Mark before the fraction of a number", .choices = {".", ","}}, decimal);
  f({.name = "thousands", .text = "Mark between each three digits of a number, e.g. ',' or a blank; none without it"},
    thousands);
  f({.name = "time_zone",
     .text =
         "Clock of the files' times: UTC, +08:00, -05:30; times are stored in UTC. Those that end in Z and epochs are "
         "in UTC whatever it is; bounds of rules are written in it. Named zones are not read yet: "
         "give the distance that holds for the files, or convert times where clocks change"},
    time_zone);
  f({.name = "joins", .text = "Lookup tables to join, as `lookup: name in the dataset that holds its keys`"}, joins);
  f({.name = "map",
     .text = "Columns to keep, as `name: column of the file`. `customer` is needed, and `time` for events; $row as the "
             "customer of a customers table numbers its records; $LOOKUP.COLUMN is a column of a joined lookup table, "
             "missing where the key is unknown",
     .required = true},
    map);
  f({.name = "types",
     .text = "Types by name: boolean, int32, int64, float64, date, timestamp, decimal(0..9), category, text. Otherwise "
             "customer is text, time timestamp, basket and item category, quantity int32, price decimal(2), all else "
             "category"},
    types);
  f({.name = "formats",
     .text = "strptime-like formats of dates and times by name, or epoch_s, epoch_ms; otherwise ISO 8601"},
    formats);
}

void LookupParams::describe(Fields& f) {
  f({.name = "path", .text = "One file with a header", .required = true}, path);
  f({.name = "key", .text = "Its column of keys; none may stand twice", .required = true}, key);
  f({.name = "delimiter", .text = "One character between fields, or 'tab'"}, delimiter);
  f({.name = "encoding", .text = "What the file's bytes mean", .choices = {"utf-8", "latin-1", "gb18030"}}, encoding);
}

std::optional<BadRowLimit> BadRowLimit::parse(const std::string& text) {
  const bool percent = text.ends_with('%');
  const std::string number = text.substr(0, text.size() - (percent ? 1 : 0));
  double value = 0;
  if (parse_float64(number, value) != ParseStatus::ok || value < 0) return std::nullopt;
  const bool is_share = percent || number.find('.') != std::string::npos;
  if (is_share) value /= percent ? 100 : 1;
  if (is_share ? value > 1 : value != std::floor(value) || value > 9e18) return std::nullopt;
  return is_share ? BadRowLimit{.share = value} : BadRowLimit{.count = static_cast<std::int64_t>(value)};
}

void IngestParams::describe(Fields& f) {
  f({.name = "sources",
     .text = "Tables to fill, by name. `customers` has one row a customer; any other is a table of events",
     .required = true},
    sources);
  f({.name = "lookups", .text = "Small tables by key, such as products with category and margin, by name"}, lookups);
  f({.name = "clean",
     .text =
         "Cleaning rules, in the order they are applied: changes of texts, rules of single rows, rules that compare "
         "rows. A removed row is charged to the first that hits it"},
    clean);
  f({.name = "max_bad_rows",
     .text =
         "Rows that may be quarantined before the job stops with exit code 65: a count, or a share of the rows read "
         "such as 1%"},
    max_bad_rows);
  f({.name = "unknown_customers",
     .text =
         "Events of customers who are not in the customers table: create gives them a customer whose attributes are "
         "missing, quarantine sets the events apart as bad rows",
     .choices = {"create", "quarantine"}},
    unknown_customers);
  f({.name = "append",
     .text = "Add the files to the dataset, if there is one; those whose content is in it already are passed over. It "
             "then is, to the byte, what an ingest of all files with the same shards would have made; rules that "
             "compare rows, drop_duplicates among them, are refused, since they would have to see all of them again"},
    append);
  f({.name = "max_record_bytes",
     .text = "Longest record; a longer one means a quote was left open",
     .range = {1 << 23, 1 << 29}},
    max_record_bytes);
}

void IngestParams::check(const ConfigNode& node) const {
  if (!BadRowLimit::parse(max_bad_rows)) {
    throw node.error(fmt::format("max_bad_rows is '{}'", max_bad_rows),
                     "write a count such as 100, or a share such as 1%");
  }
  if (unknown_customers == "quarantine" && !sources.contains("customers")) {
    throw node.error("unknown_customers is quarantine, but no source is called customers",
                     "add the customers table, or leave the key out");
  }
  for (const auto& [name, source] : sources) {
    check_form(name, source, node);
    check_map(name, source, node);
  }
  for (const auto& [name, lookup] : lookups) check_delimiter("lookup " + name, lookup.delimiter, lookup.encoding, node);
  check_rules(*this, node);
  if (append) check_append(*this, node);
  try {
    check_columns(*this);
  } catch (const Error& error) {
    throw node.error(error.what(), error.next());
  }
}

}  // namespace cohort
