// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "io/report/report_words.hpp"

namespace cohort {

using Json = nlohmann::ordered_json;

/// Text made safe for HTML content and for attributes in double quotes.
[[nodiscard]] std::string escaped(std::string_view text);
/// A sentence of ReportWords with its gaps filled; what is filled in must be escaped.
template <class... Values>
[[nodiscard]] std::string filled(std::string_view sentence, const Values&... values) {
  return fmt::format(fmt::runtime(sentence), values...);
}
/// A name of ours as a reader expects it, escaped: "roc_auc" as "ROC AUC", "average_basket" as "Average basket".
[[nodiscard]] std::string spoken(std::string_view name, const ReportWords& words);
/// The title of a table of result.json in the reader's language, escaped.
[[nodiscard]] std::string title_of(const Json& table, const ReportWords& words);
/// JSON as one line; bytes that are not UTF-8 become the replacement character.
[[nodiscard]] std::string json_line(const Json& value);
/// Member `name` of an object; null when it is not there.
[[nodiscard]] const Json& at(const Json& object, std::string_view name);
/// Null, NaN and infinity: what a table shows as missing.
[[nodiscard]] bool is_missing(const Json& value);

/// How the values of one column look. Numbers have the same decimals, by the largest of them and no more than
/// they have; binary units for bytes; percent for shares and rates; no thousands separators for ids and years. Names of
/// ours, such as lifecycle states, are in the reader's language.
class NumberStyle {
 public:
  explicit NumberStyle(std::string_view column);
  /// Takes a value of the column into account.
  void see(const Json& value);
  /// A number as the reader sees it. A value that the column's decimals would round to zero keeps two digits.
  [[nodiscard]] std::string text(const Json& number) const;
  /// A text of the column as the reader sees it, escaped.
  [[nodiscard]] std::string text(const std::string& name, const ReportWords& words) const;
  /// Whether it has seen a number.
  [[nodiscard]] bool is_numeric() const { return numeric_; }

 private:
  bool bytes_, grouped_, percent_, named_;
  bool numeric_ = false;
  int decimals_ = 0;  ///< the most that a value has
  double largest_ = 0;
};

/// An element that shows `value`: <tag class="number" data-value="exact">rounded</tag>, escaped text, or a dash.
[[nodiscard]] std::string shown(std::string_view tag, const Json& value, const NumberStyle& style,
                                const ReportWords& words);
/// The same for a value that stands alone.
[[nodiscard]] std::string shown(std::string_view tag, std::string_view name, const Json& value,
                                const ReportWords& words);

}  // namespace cohort
