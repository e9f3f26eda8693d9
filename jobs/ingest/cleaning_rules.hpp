// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/fields.hpp"

namespace cohort {

/// Which of three passes a rule belongs to. Texts are changed before they are read as values, rules of single rows see
/// the values, and rules that compare rows see the rows of a whole customer, all together.
enum class RuleStage { texts, row, shard };

/// What all rules have: a table, and columns they look at (none: the whole row).
struct RuleBase {
  RuleBase();  // out of line: gcc 12 wrongly warns of members it sees initialised in place

  std::string table = "transactions";
  std::vector<std::string> columns;
  std::string column;  ///< of rules that look at one

  [[nodiscard]] std::vector<std::string> looked_at() const {
    return column.empty() ? columns : std::vector<std::string>{column};
  }
  /// What stands behind the columns in the rule's name in the balance sheet.
  [[nodiscard]] std::string detail() const { return {}; }
};
template <RuleStage Stage>
struct RuleOf : RuleBase {
  static constexpr RuleStage stage = Stage;
};
using TextRule = RuleOf<RuleStage::texts>;
using RowRule = RuleOf<RuleStage::row>;
using ShardRule = RuleOf<RuleStage::shard>;

/// Blanks of any kind at both ends go, runs of them inside become one space.
struct Trim : TextRule {
  static constexpr std::string_view kind = "trim";
  void describe(Fields& f);
};
/// Latin, Greek and Cyrillic letters to one case.
struct ChangeCase : TextRule {
  static constexpr std::string_view kind = "change_case";
  std::string to = "lower";
  void describe(Fields& f);
  [[nodiscard]] std::string detail() const { return to; }
};
/// Full- and half-width forms of East Asian text to the usual ones, as Unicode's NFKC does.
struct NormaliseWidth : TextRule {
  static constexpr std::string_view kind = "normalise_width";
  void describe(Fields& f);
};
/// One spelling for telephone numbers, e-mail addresses or postcodes.
struct Standardise : TextRule {
  static constexpr std::string_view kind = "standardise";
  std::string as = "email";
  void describe(Fields& f);
  [[nodiscard]] std::string detail() const { return as; }
};
/// Corrections by mapping.
struct Replace : TextRule {
  static constexpr std::string_view kind = "replace";
  std::map<std::string, std::string> values;
  void describe(Fields& f);
};
/// A constant for what is missing.
struct FillMissing : TextRule {
  static constexpr std::string_view kind = "fill_missing";
  std::string value;
  void describe(Fields& f);
  [[nodiscard]] std::string detail() const { return value; }
};

struct DropMissing : RowRule {
  static constexpr std::string_view kind = "drop_missing";
  void describe(Fields& f);
};
struct DropPrefix : RowRule {
  static constexpr std::string_view kind = "drop_prefix";
  std::string prefix;
  void describe(Fields& f);
  [[nodiscard]] std::string detail() const { return prefix; }
};
struct DropNonPositive : RowRule {
  static constexpr std::string_view kind = "drop_non_positive";
  void describe(Fields& f);
};
/// Numbers, dates and times outside a closed range.
struct DropOutOfRange : RowRule {
  static constexpr std::string_view kind = "drop_out_of_range";
  std::string min, max;  ///< as the column's own values are written; empty: no bound
  void describe(Fields& f);
  [[nodiscard]] std::string detail() const { return min + ".." + max; }
};
/// Values that a regular expression does not match as a whole.
struct DropMismatch : RowRule {
  static constexpr std::string_view kind = "drop_mismatch";
  std::string pattern;
  void describe(Fields& f);
  [[nodiscard]] std::string detail() const { return pattern; }
};
/// Values outside a set.
struct DropUnlisted : RowRule {
  static constexpr std::string_view kind = "drop_unlisted";
  std::vector<std::string> values{};
  void describe(Fields& f);
};
/// Values that are no key of a lookup table.
struct DropUnknownKey : RowRule {
  static constexpr std::string_view kind = "drop_unknown_key";
  std::string lookup;
  void describe(Fields& f);
  [[nodiscard]] std::string detail() const { return lookup; }
};
struct DropDuplicates : RowRule {
  static constexpr std::string_view kind = "drop_duplicates";
  std::string action = "drop";
  void describe(Fields& f);
};

/// All but one of a customer's rows that are equal in some columns.
struct DropRepeated : ShardRule {
  static constexpr std::string_view kind = "drop_repeated";
  std::string keep = "first", by;
  void describe(Fields& f);
  [[nodiscard]] std::string detail() const { return "keep " + keep; }
};
/// Returns set off against the purchases before them.
struct NetReturns : ShardRule {
  static constexpr std::string_view kind = "net_returns";
  std::string unmatched = "keep";
  void describe(Fields& f);
};
/// Values far from the others.
struct Outliers : ShardRule {
  static constexpr std::string_view kind = "outliers";
  std::string method = "iqr", action = "drop";
  double threshold = 3;
  void describe(Fields& f);
  [[nodiscard]] std::string detail() const { return method + ", " + action; }
};
/// The mean, median or mode for what is missing.
struct Impute : ShardRule {
  static constexpr std::string_view kind = "impute";
  std::string with = "median", by;
  void describe(Fields& f);
  [[nodiscard]] std::string detail() const { return by.empty() ? with : with + " by " + by; }
};

using CleaningRule = std::variant<Trim, ChangeCase, NormaliseWidth, Standardise, Replace, FillMissing, DropMissing,
                                  DropPrefix, DropNonPositive, DropOutOfRange, DropMismatch, DropUnlisted,
                                  DropUnknownKey, DropDuplicates, DropRepeated, NetReturns, Outliers, Impute>;

[[nodiscard]] const RuleBase& base_of(const CleaningRule& rule);
[[nodiscard]] RuleStage stage_of(const CleaningRule& rule);
/// How the rule is called in the balance sheet: "drop_missing(customer)".
[[nodiscard]] std::string label_of(const CleaningRule& rule);

}  // namespace cohort
