// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/value_counts.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

namespace cohort {
namespace {

constexpr std::uint64_t golden_ratio = 0x9E3779B97F4A7C15;

std::int64_t stored(const ParsedColumn& column, std::size_t row) {
  return std::visit(
      [row]<class Value>(const std::vector<Value>& values) -> std::int64_t {
        if constexpr (std::is_same_v<Value, double>) return ordered_bits(values[row]);
        return static_cast<std::int64_t>(values[row]);
      },
      column.values);
}

double value_of(std::int64_t stored, bool is_float) {
  return is_float ? from_ordered_bits(stored) : static_cast<double>(stored);
}

/// Type 7 quantile of values listed in ascending order with their counts.
double quantile_of(const std::vector<std::pair<double, std::int64_t>>& values, std::int64_t total, double q) {
  const double place = q * static_cast<double>(total - 1);
  const auto below = static_cast<std::int64_t>(place);
  const auto at = [&](std::int64_t rank) {
    for (const auto& [value, rows] : values) {
      if (rank < rows) return value;
      rank -= rows;
    }
    return values.back().first;
  };
  const double low = at(below);
  return low + (place - static_cast<double>(below)) * (at(std::min(below + 1, total - 1)) - low);
}

}  // namespace

std::int64_t ordered_bits(double value) {
  const auto bits = std::bit_cast<std::int64_t>(value == 0 ? 0.0 : value);
  return bits < 0 ? bits ^ std::numeric_limits<std::int64_t>::max() : bits;
}

double from_ordered_bits(std::int64_t bits) {
  return std::bit_cast<double>(bits < 0 ? bits ^ std::numeric_limits<std::int64_t>::max() : bits);
}

std::size_t ValueCounts::Hash::operator()(const Key& key) const {
  const std::uint64_t mixed =
      (static_cast<std::uint64_t>(key.group) * golden_ratio + static_cast<std::uint64_t>(key.value)) * golden_ratio;
  return static_cast<std::size_t>(mixed >> 16);
}

ValueCounts::ValueCounts(const CleaningRule& rule, const SourceSchema& schema) {
  const auto* impute = std::get_if<Impute>(&rule);
  if (impute == nullptr && !std::holds_alternative<Outliers>(rule)) return;
  const std::size_t column = schema.find(base_of(rule).column);
  column_ = static_cast<std::int64_t>(column);
  column_is_category_ = schema.columns[column].column.type == ColumnType::category;
  if (impute == nullptr || impute->by.empty()) return;
  const std::size_t group = schema.find(impute->by);
  group_ = static_cast<std::int64_t>(group);
  group_is_category_ = schema.columns[group].column.type == ColumnType::category;
}

void ValueCounts::count(const std::vector<ParsedColumn>& columns, std::size_t row) {
  const ParsedColumn& column = columns[static_cast<std::size_t>(column_)];
  if (column.is_missing(row)) return;
  const std::int64_t group = group_ < 0 ? 0 : stored(columns[static_cast<std::size_t>(group_)], row);
  ++counts_[{group, stored(column, row)}];
}

std::vector<ValueCount> ValueCounts::listed(const std::map<std::size_t, std::vector<std::int32_t>>& codes) const {
  const auto code = [&](bool is_category, std::int64_t column, std::int64_t value) -> std::int64_t {
    if (!is_category || value == missing_int32) return value;
    return codes.at(static_cast<std::size_t>(column))[static_cast<std::size_t>(value)];
  };
  std::vector<ValueCount> all;
  for (const auto& [key, rows] : counts_)
    all.push_back({code(group_is_category_, group_, key.group), code(column_is_category_, column_, key.value), rows});
  return all;
}

std::int64_t Distribution::mode() const {
  return std::max_element(rows_.begin(), rows_.end(), [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

std::int64_t Distribution::lower_median() const {
  std::int64_t rank = (total_ - 1) / 2;
  auto value = rows_.begin();
  for (; rank >= value->second; ++value) rank -= value->second;
  return value->first;
}

double Distribution::quantile(double q, bool is_float) const {
  std::vector<std::pair<double, std::int64_t>> values;
  for (const auto& [stored, rows] : rows_) values.emplace_back(value_of(stored, is_float), rows);
  return quantile_of(values, total_, q);
}

double Distribution::mean(bool is_float) const {
  double sum = 0;  // in ascending order, so the same whoever counted
  for (const auto& [stored, rows] : rows_) sum += value_of(stored, is_float) * static_cast<double>(rows);
  return sum / static_cast<double>(total_);
}

double Distribution::deviation(bool is_float) const {
  const double center = mean(is_float);
  double squares = 0;
  for (const auto& [stored, rows] : rows_) {
    const double distance = value_of(stored, is_float) - center;
    squares += distance * distance * static_cast<double>(rows);
  }
  return std::sqrt(squares / static_cast<double>(std::max<std::int64_t>(1, total_ - 1)));
}

double Distribution::absolute_deviation(double center, bool is_float) const {
  std::vector<std::pair<double, std::int64_t>> distances;
  for (const auto& [stored, rows] : rows_) distances.emplace_back(std::abs(value_of(stored, is_float) - center), rows);
  std::sort(distances.begin(), distances.end());
  return quantile_of(distances, total_, 0.5);
}

}  // namespace cohort
