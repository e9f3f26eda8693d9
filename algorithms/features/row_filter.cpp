// SPDX-License-Identifier: Apache-2.0
#include "algorithms/features/row_filter.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "algorithms/features/features_date.hpp"
#include "core/config_node.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

[[noreturn]] void fail(const std::string& place, const std::string& complaint, const std::string& advice) {
  throw Error(ExitCode::bad_config, fmt::format("{}: {}", place, complaint), advice);
}

/// A number or date in stored units, rounded towards `up` where a decimal has more places than the column.
std::int64_t stored_number(const std::string& place, const Column& column, const std::string& text, bool up,
                           bool& exact) {
  if (column.type == ColumnType::date) return date_from_iso(text, fmt::format("{}: {}", place, column.name));
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(std::abs(value) < 1e15))
    fail(place, fmt::format("where: {}: '{}' is no number", column.name, text),
         "write a number, or one of < <= > >= ! and a number");
  const double scaled =
      value * static_cast<double>(power_of_ten(column.type == ColumnType::decimal ? column.scale : 0));
  // A decimal in the job file is a decimal in the store: the nearest integer is it, unless it has more places.
  const double nearest_whole = std::round(scaled);
  exact = std::abs(scaled - nearest_whole) <= 1e-6;
  return static_cast<std::int64_t>(exact ? nearest_whole : up ? std::ceil(scaled) : std::floor(scaled));
}

RowFilter parse_number(const std::string& place, const Column& column, std::string text) {
  RowFilter filter;
  if (text.starts_with('!')) {
    filter.negated = true;
    text.erase(0, 1);
  }
  const bool less = text.starts_with('<'), more = text.starts_with('>');
  if (less || more) text.erase(0, 1);
  const bool equal = text.starts_with('=');
  if (equal) text.erase(0, 1);
  bool exact = true;
  const std::int64_t value = stored_number(place, column, text, more, exact);
  if (less) filter.high = value - (equal || !exact ? 0 : 1);
  if (more) filter.low = value + (equal || !exact ? 0 : 1);
  if (!less && !more) filter.low = filter.high = value;
  if (!less && !more && !exact) filter.high = filter.low - 1;  // no stored value equals it
  return filter;
}

RowFilter parse_labels(const std::string& place, const Column& column, const std::vector<std::string>& labels,
                       std::string text) {
  RowFilter filter;
  if (text.starts_with('!')) {
    filter.negated = true;
    text.erase(0, 1);
  }
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('|', begin), text.size());
    const std::string label = text.substr(begin, end - begin);
    const auto found = std::lower_bound(labels.begin(), labels.end(), label);
    if (found == labels.end() || *found != label) {
      const std::string near = nearest(label, labels);
      fail(place, fmt::format("where: {} has no value '{}'", column.name, label),
           near.empty() ? "name one of its values, several with | between them"
                        : fmt::format("did you mean '{}'?", near));
    }
    filter.codes.push_back(found - labels.begin());
    begin = end + 1;
  }
  std::sort(filter.codes.begin(), filter.codes.end());
  return filter;
}

}  // namespace

bool RowFilter::passes(std::int64_t value) const {
  if (value == missing_int64) return false;
  const bool inside = codes.empty() ? low <= value && value <= high : std::ranges::binary_search(codes, value);
  return inside != negated;
}

RowFilter parse_filter(const std::string& place, const Column& column, const std::vector<std::string>& labels,
                       const std::string& text) {
  if (column.type == ColumnType::category) return parse_labels(place, column, labels, text);
  if (column.type == ColumnType::text || column.type == ColumnType::float64 || column.type == ColumnType::timestamp)
    fail(place, fmt::format("where: column {} is of type {}", column.name, type_name(column)),
         "filter by categories, integers, decimals or dates");
  return parse_number(place, column, text);
}

}  // namespace cohort
