// SPDX-License-Identifier: Apache-2.0
#include "io/report/report_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace cohort {
namespace {

std::string grouped(std::string digits) {
  const std::size_t sign = digits.starts_with('-') ? 1 : 0;
  const std::size_t point = std::min(digits.find('.'), digits.size());
  for (std::size_t at = point; at > sign + 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string with_true_minus(std::string number) {
  if (number.starts_with('-')) number.replace(0, 1, "−");
  return number;
}

std::string bytes_text(double bytes) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  std::size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < units.size(); ++unit) bytes /= 1024;
  return fmt::format("{:.{}f} {}", bytes, unit == 0 ? 0 : bytes < 10 ? 2 : bytes < 100 ? 1 : 0, units[unit]);
}

int decimals_for(double largest) {
  if (largest >= 1e5) return 0;
  if (largest >= 1e3) return 1;
  if (largest >= 10) return 2;
  if (largest >= 0.1) return 3;
  return largest >= 0.01 ? 5 : 6;
}

/// How many decimals a number in JSON has; 5.0 has none, 1e-9 has as many as anyone shows.
int decimals_of(const std::string& number) {
  if (number.find('e') != std::string::npos) return std::numeric_limits<int>::max();
  const std::size_t point = number.find('.');
  return point == std::string::npos || number.ends_with(".0") ? 0 : static_cast<int>(number.size() - point - 1);
}

/// Fractions of one, which read best as percent.
bool is_share(std::string_view column) {
  constexpr std::array names{"share", "precision", "recall"};
  return std::ranges::find(names, column) != names.end() || column.ends_with("_share") || column.ends_with("_rate") ||
         column.starts_with("share_of_");
}

/// The values of these columns are names of ours.
bool is_named(std::string_view column) {
  constexpr std::array names{"feature", "lifecycle_state", "metric", "previous_state", "segment_name"};
  return std::ranges::find(names, column) != names.end();
}

std::string_view label_of(std::span<const ReportLabel> labels, std::string_view name) {
  const auto known = std::ranges::find(labels, name, &ReportLabel::name);
  return known == labels.end() ? std::string_view() : known->label;
}

/// "a, b" for a list of texts, JSON for anything else.
std::string plain(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array() || !std::all_of(value.begin(), value.end(), [](const Json& e) { return e.is_string(); }))
    return json_line(value);
  std::string text;
  for (const Json& element : value) text += (text.empty() ? "" : ", ") + element.get<std::string>();
  return text;
}

/// One decimal, where the fractions have more than two; two digits of what that would round to nothing.
std::string percent_text(double percent, int decimals) {
  const double size = std::abs(percent);
  return with_true_minus(size > 0 && size < 0.05 ? fmt::format("{:.2g}%", percent)
                                                 : fmt::format("{:.{}f}%", percent, decimals > 2 ? 1 : 0));
}

std::string attributes(const std::string& exact, const std::string& text) {
  std::string plain_text = text;
  std::erase(plain_text, ',');
  return fmt::format(R"( class="number" data-value="{}"{})", exact,
                     plain_text == exact ? "" : fmt::format(R"( title="{}")", exact));
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      case '\'': safe += "&#39;"; break;
      default: safe += c;
    }
  }
  return safe;
}

std::string json_line(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string spoken(std::string_view name, const ReportWords& words) {
  if (const std::string_view known = label_of(words.labels, name); !known.empty()) return escaped(known);
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', ' ');
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return escaped(text);
}

std::string title_of(const Json& table, const ReportWords& words) {
  const auto& name = table.at("name").get_ref<const std::string&>();
  if (const std::string_view known = label_of(words.titles, name); !known.empty()) return escaped(known);
  return table.contains("title") ? escaped(table["title"].get_ref<const std::string&>()) : spoken(name, words);
}

const Json& at(const Json& object, std::string_view name) {
  static const Json null;
  if (!object.is_object()) return null;
  const auto found = object.find(name);
  return found == object.end() ? null : *found;
}

bool is_missing(const Json& value) {
  return value.is_null() || (value.is_number_float() && !std::isfinite(value.get<double>()));
}

NumberStyle::NumberStyle(std::string_view column)
    : bytes_(column == "bytes" || column.starts_with("bytes_") || column.ends_with("_bytes") ||
             column == "memory_per_rank"),
      grouped_(column != "id" && !column.ends_with("_id") && column != "year"),
      percent_(is_share(column)),
      named_(is_named(column)) {}

void NumberStyle::see(const Json& value) {
  if (!value.is_number() || is_missing(value)) return;
  numeric_ = true;
  largest_ = std::max(largest_, std::abs(value.get<double>()));
  decimals_ = std::max(decimals_, decimals_of(value.dump()));
}

std::string NumberStyle::text(const Json& number) const {
  const double value = number.get<double>(), size = std::abs(value);
  if (bytes_ && value >= 0) return bytes_text(value);
  if (percent_) return percent_text(100 * value, decimals_);
  if (number.is_number_integer() && decimals_ == 0)
    return with_true_minus(grouped_ ? grouped(number.dump()) : number.dump());
  if (size >= 1e15) return with_true_minus(fmt::format("{:.4g}", value));
  const int decimals = std::min(decimals_, decimals_for(largest_));
  // Two digits at least, however large the others of the column are.
  if (size > 0 && decimals < decimals_ && size < std::pow(10, 1 - decimals))
    return with_true_minus(fmt::format("{:.2g}", value));
  const std::string digits = fmt::format("{:.{}f}", value == 0 ? 0 : value, decimals);
  return with_true_minus(grouped_ ? grouped(digits) : digits);
}

std::string NumberStyle::text(const std::string& name, const ReportWords& words) const {
  if (named_ && !words.values.empty())
    for (const std::span<const ReportLabel> labels : {words.values, words.labels})
      if (const std::string_view known = label_of(labels, name); !known.empty()) return escaped(known);
  return escaped(name);
}

std::string shown(std::string_view tag, const Json& value, const NumberStyle& style, const ReportWords& words) {
  if (is_missing(value))
    return fmt::format(R"(<{0} class="missing{1}" title="{2}">{3}</{0}>)", tag, style.is_numeric() ? " number" : "",
                       words.missing_label, words.missing);
  if (value.is_boolean()) return fmt::format("<{0}>{1}</{0}>", tag, value.get<bool>() ? words.yes : words.no);
  if (!value.is_number()) return fmt::format("<{0}>{1}</{0}>", tag, style.text(plain(value), words));
  const std::string text = style.text(value);
  return fmt::format("<{0}{1}>{2}</{0}>", tag, attributes(value.dump(), text), text);
}

std::string shown(std::string_view tag, std::string_view name, const Json& value, const ReportWords& words) {
  NumberStyle style(name);
  style.see(value);
  return shown(tag, value, style, words);
}

}  // namespace cohort
