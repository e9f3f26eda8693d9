// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/row_rules.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <type_traits>

#include "core/error.hpp"

namespace cohort {
namespace {

constexpr const char* iso_day = "%Y-%m-%d";

/// A bound as a column of one row; missing where it is empty.
ParsedColumn bound(const std::string& text, const SourceColumn& source) {
  ParsedColumn parsed;
  parsed.statuses.assign(1, ParseStatus::missing);
  const std::vector<std::string_view> fields{text};
  const auto parse = [&]<class Value>(std::vector<Value> values) {
    (void)parse_column(source.column, source.format, fields, values.data(), parsed.statuses.data());
    const bool is_time = source.column.type == ColumnType::date || source.column.type == ColumnType::timestamp;
    if (is_time && !is_good(parsed.statuses[0]))
      (void)parse_column(source.column, TimeFormat(iso_day, source.format.ahead_microseconds()), fields, values.data(),
                         parsed.statuses.data());
    parsed.values = std::move(values);
  };
  switch (storage_of(source.column.type)) {
    case Storage::int32: parse(std::vector<std::int32_t>(1)); break;
    case Storage::int64: parse(std::vector<std::int64_t>(1)); break;
    case Storage::float64: parse(std::vector<double>(1)); break;
    case Storage::text: break;
  }
  if (!is_good(parsed.statuses[0]))
    throw Error(ExitCode::bad_config, explain(parsed.statuses[0], text, source.column), "write it as the column is");
  return parsed;
}

bool has_order(const Column& column) {
  return column.type != ColumnType::category && column.type != ColumnType::text && column.type != ColumnType::boolean;
}

/// Whether a value lies on the wrong side of a bound.
bool beyond(const ParsedColumn& column, std::size_t row, const ParsedColumn& limit, bool below) {
  if (limit.is_missing(0)) return false;
  return std::visit(
      [&]<class Values>(const Values& values) {
        const auto& edge = std::get<Values>(limit.values)[0];
        return below ? values[row] < edge : values[row] > edge;
      },
      column.values);
}

/// Whether a rule looks at how a value is written.
bool reads_text(const CleaningRule& rule) {
  return stage_of(rule) == RuleStage::texts || std::holds_alternative<DropPrefix>(rule) ||
         std::holds_alternative<DropMismatch>(rule) || std::holds_alternative<DropUnlisted>(rule) ||
         std::holds_alternative<DropUnknownKey>(rule);
}

/// Throws where a rule looks at a column it cannot take.
void check_column(const CleaningRule& rule, const SourceColumn& source) {
  const bool compares = std::holds_alternative<DropNonPositive>(rule) || std::holds_alternative<DropOutOfRange>(rule);
  if (compares && !has_order(source.column))
    throw Error(ExitCode::bad_config,
                fmt::format("{}: column '{}' is {}", label_of(rule), source.column.name, type_name(source.column)),
                "name a column of numbers, dates or times");
  if (reads_text(rule) && !source.has_text())
    throw Error(ExitCode::bad_config,
                fmt::format("{}: column '{}' is '{}', which is not in the file", label_of(rule), source.column.name,
                            source.source_name),
                "name a column of the file or of a lookup table");
}

}  // namespace

RowRules::Ready RowRules::prepare(const CleaningRule& rule, const SourceSchema& schema, const LookupTables* lookups) {
  Ready ready{.rule = rule};
  for (const std::string& name : base_of(rule).looked_at()) ready.columns.push_back(schema.find(name));
  for (const std::size_t c : ready.columns) check_column(rule, schema.columns[c]);
  if (const auto* range = std::get_if<DropOutOfRange>(&rule)) {
    ready.low = bound(range->min, schema.columns[ready.columns[0]]);
    ready.high = bound(range->max, schema.columns[ready.columns[0]]);
  } else if (const auto* mismatch = std::get_if<DropMismatch>(&rule)) {
    ready.pattern = std::make_shared<const re2::RE2>(mismatch->pattern, re2::RE2::Quiet);
    if (!ready.pattern->ok())
      throw Error(ExitCode::bad_config, fmt::format("pattern '{}': {}", mismatch->pattern, ready.pattern->error()),
                  "write an RE2 regular expression");
  } else if (const auto* unlisted = std::get_if<DropUnlisted>(&rule)) {
    ready.values.insert(unlisted->values.begin(), unlisted->values.end());
  } else if (const auto* unknown = std::get_if<DropUnknownKey>(&rule); unknown != nullptr && lookups != nullptr) {
    ready.lookup = &lookups->at(unknown->lookup);
  }
  return ready;
}

RowRules::RowRules(const SourceSchema& schema, const std::vector<CleaningRule>& rules, const LookupTables* lookups) {
  for (const CleaningRule& rule : rules) rules_.push_back(prepare(rule, schema, lookups));
}

template <class Rule>
bool RowRules::hits(const Rule& rule, const Ready& ready, const ParsedColumn& column, std::size_t row) {
  if constexpr (std::is_same_v<Rule, DropMissing>) return column.is_missing(row);
  if (column.is_missing(row)) return false;
  if constexpr (std::is_same_v<Rule, DropPrefix>) return (*column.texts)[row].starts_with(rule.prefix);
  if constexpr (std::is_same_v<Rule, DropNonPositive>)
    return std::visit([&](const auto& values) { return values[row] <= 0; }, column.values);
  if constexpr (std::is_same_v<Rule, DropOutOfRange>)
    return beyond(column, row, ready.low, true) || beyond(column, row, ready.high, false);
  if constexpr (std::is_same_v<Rule, DropMismatch>) {
    const std::string_view text = (*column.texts)[row];
    return !re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *ready.pattern);
  }
  if constexpr (std::is_same_v<Rule, DropUnlisted>) return !ready.values.contains((*column.texts)[row]);
  if constexpr (std::is_same_v<Rule, DropUnknownKey>) return !ready.lookup->contains((*column.texts)[row]);
  return false;
}

void RowRules::apply(const std::vector<ParsedColumn>& columns, std::vector<std::int16_t>& verdicts,
                     BalanceSheet& sheet) const {
  for (std::size_t index = 0; index < rules_.size(); ++index) {
    const Ready& ready = rules_[index];
    if (stage_of(ready.rule) != RuleStage::row) continue;
    BalanceSheet::Rule& counts = sheet.rules[index];
    std::visit(
        [&](const auto& rule) {
          for (std::size_t row = 0; row < verdicts.size(); ++row) {
            if (verdicts[row] == unreadable) continue;
            bool hit = false;
            for (const std::size_t c : ready.columns) hit = hit || hits(rule, ready, columns[c], row);
            if (!hit) continue;
            ++counts.matched;
            if (verdicts[row] != kept) continue;
            verdicts[row] = static_cast<std::int16_t>(index);
            ++counts.removed;
          }
        },
        ready.rule);
  }
}

}  // namespace cohort
