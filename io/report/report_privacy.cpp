// SPDX-License-Identifier: Apache-2.0
#include "io/report/report_privacy.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace cohort {
namespace {

constexpr std::array counts{"customers", "active", "matched"};
constexpr std::array extremes{"min", "max", "least_value"};  // each is one customer's

/// Position of a column, or the number of columns.
std::size_t column_of(const Json& table, std::string_view name) {
  const Json& columns = table.at("columns");
  return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), name) - columns.begin());
}

bool is_small(const Json& value, std::int64_t min_cell) {
  return value.is_number_integer() && value.get<std::int64_t>() > 0 && value.get<std::int64_t>() < min_cell;
}

void hide_numbers(Json& row, std::size_t from, const std::string& instead) {
  for (std::size_t c = from; c < row.size(); ++c)
    if (row[c].is_number()) row[c] = instead;
}

void hide_counts(Json& table, std::int64_t min_cell, const std::string& instead, std::set<std::string>& hidden) {
  const std::size_t columns = table.at("columns").size(), segment = column_of(table, "segment_name");
  for (Json& row : table.at("rows")) {
    std::size_t first = columns;
    for (const char* name : counts) {
      const std::size_t at = column_of(table, name);
      if (at < columns && is_small(row[at], min_cell)) first = std::min(first, at);
    }
    hide_numbers(row, first, instead);
    for (const char* name : extremes)
      if (const std::size_t at = column_of(table, name); at < columns && row[at].is_number()) row[at] = nullptr;
    if (first < columns && segment < columns && row[segment].is_string())
      hidden.insert(row[segment].get<std::string>());
  }
}

}  // namespace

void suppress_small_cells(Json& result, std::int64_t min_cell, const ReportWords& words) {
  if (!result.contains("tables")) return;
  const std::string instead = filled(words.suppressed, min_cell);
  std::set<std::string> hidden;
  for (Json& table : result["tables"]) {
    if (column_of(table, "customer_id") < table.at("columns").size()) table["rows"] = Json::array();
    hide_counts(table, min_cell, instead, hidden);
  }
  for (Json& table : result["tables"]) {
    const std::size_t segment = column_of(table, "segment_name");
    if (segment == table.at("columns").size()) continue;
    for (Json& row : table.at("rows"))
      if (row[segment].is_string() && hidden.contains(row[segment].get<std::string>()))
        hide_numbers(row, segment + 1, instead);
  }
}

}  // namespace cohort
