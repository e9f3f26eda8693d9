// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/cleaning_rules.hpp"

#include <fmt/ranges.h>

namespace cohort {
namespace {

void describe_table(Fields& f, RuleBase& rule) {
  f({.name = "table", .text = "Table whose rows the rule looks at"}, rule.table);
}
void describe_column(Fields& f, RuleBase& rule, std::string_view text) {
  f({.name = "column", .text = text, .required = true}, rule.column);
  describe_table(f, rule);
}
void describe_columns(Fields& f, RuleBase& rule, std::string_view text) {
  f({.name = "columns", .text = text, .required = true}, rule.columns);
  describe_table(f, rule);
}

}  // namespace

RuleBase::RuleBase() = default;

void Trim::describe(Fields& f) {
  describe_columns(f, *this, "Columns whose outer blanks go and whose inner runs of blanks become one space");
}
void ChangeCase::describe(Fields& f) {
  f({.name = "to", .text = "The case of all letters", .choices = {"lower", "upper"}}, to);
  describe_columns(f, *this, "Columns whose Latin, Greek and Cyrillic letters change");
}
void NormaliseWidth::describe(Fields& f) {
  describe_columns(f, *this,
                   "Columns whose full- and half-width letters, digits, signs and katakana become the usual ones, as "
                   "Unicode's NFKC does");
}
void Standardise::describe(Fields& f) {
  f({.name = "as",
     .text = "phone keeps digits and a leading +, for which 00 may stand; email is trimmed and in lower case; postcode "
             "is in upper case without blanks and dashes",
     .choices = {"phone", "email", "postcode"},
     .required = true},
    as);
  describe_columns(f, *this, "Columns to bring into that form");
}
void Replace::describe(Fields& f) {
  f({.name = "values", .text = "Corrections, as `text in the file: right text`", .required = true}, values);
  describe_columns(f, *this, "Columns in which whole values are replaced");
}
void FillMissing::describe(Fields& f) {
  f({.name = "value", .text = "What an empty field stands for, written as the column's values are", .required = true},
    value);
  describe_columns(f, *this, "Columns that are filled");
}

void DropMissing::describe(Fields& f) {
  describe_columns(f, *this, "Hit when one of these is missing");
}
void DropPrefix::describe(Fields& f) {
  f({.name = "prefix", .text = "Hit when the value begins so, e.g. the mark of a cancellation", .required = true},
    prefix);
  describe_column(f, *this, "Category or text column that is looked at");
}
void DropNonPositive::describe(Fields& f) {
  describe_columns(f, *this, "Hit when one of these numbers is zero or below; missing is no hit");
}
void DropOutOfRange::describe(Fields& f) {
  f({.name = "min", .text = "Least legal value, written as the column's values are; none without it"}, min);
  f({.name = "max", .text = "Greatest legal value; none without it"}, max);
  describe_column(f, *this, "Number, date or time that is looked at; missing is no hit");
}
void DropMismatch::describe(Fields& f) {
  f({.name = "pattern", .text = "RE2 regular expression that legal values match as a whole", .required = true},
    pattern);
  describe_column(f, *this, "Column whose text is looked at; missing is no hit");
}
void DropUnlisted::describe(Fields& f) {
  f({.name = "values", .text = "The legal values", .required = true}, values);
  describe_column(f, *this, "Column whose text is looked at; missing is no hit");
}
void DropUnknownKey::describe(Fields& f) {
  f({.name = "lookup", .text = "Lookup table whose keys are legal", .required = true}, lookup);
  describe_column(f, *this, "Column whose text is looked at; missing is no hit");
}
void DropDuplicates::describe(Fields& f) {
  f({.name = "action",
     .text = "drop removes every row equal in all fields of the file to an earlier one; count only counts them",
     .choices = {"drop", "count"}},
    action);
  describe_table(f, *this);
}

void DropRepeated::describe(Fields& f) {
  f({.name = "columns", .text = "Columns that make the key, beside the customer, who always does"}, columns);
  f({.name = "keep", .text = "Which of a customer's rows of one key stays", .choices = {"first", "last"}}, keep);
  f({.name = "by",
     .text =
         "Number, date or time that says which is first, missing before all; without it the stored order does: time, "
         "then all values"},
    by);
  describe_table(f, *this);
}
void NetReturns::describe(Fields& f) {
  f({.name = "unmatched",
     .text = "What becomes of a return, or the part of one, that no earlier purchase answers",
     .choices = {"keep", "drop"}},
    unmatched);
  describe_table(f, *this);
}
void Outliers::describe(Fields& f) {
  f({.name = "method",
     .text =
         "iqr: beyond threshold interquartile ranges outside the quartiles; mad: more than threshold x 1.4826 median "
         "absolute deviations from the median; z_score: more than threshold standard deviations from the mean",
     .choices = {"iqr", "mad", "z_score"}},
    method);
  f({.name = "threshold", .text = "How far is too far", .range = {1e-9, 1e9}}, threshold);
  f({.name = "action",
     .text =
         "drop removes the row, winsorise moves the value to the nearest legal one, flag only adds a boolean column "
         "named after it with _outlier behind",
     .choices = {"drop", "winsorise", "flag"}},
    action);
  describe_column(f, *this, "Number that is looked at");
}
void Impute::describe(Fields& f) {
  f({.name = "with",
     .text = "What stands in for a missing value: the mean (rounded to the column's unit), the lower median, or the "
             "most frequent value (the least of several); categories have a mode only",
     .choices = {"mean", "median", "mode"}},
    with);
  f({.name = "by", .text = "Category within which it is taken; where it has no value, the whole table's is"}, by);
  describe_column(f, *this, "Number or category that is filled");
}

const RuleBase& base_of(const CleaningRule& rule) {
  return std::visit([](const auto& r) -> const RuleBase& { return r; }, rule);
}

RuleStage stage_of(const CleaningRule& rule) {
  return std::visit([]<class Rule>(const Rule&) { return Rule::stage; }, rule);
}

std::string label_of(const CleaningRule& rule) {
  if (const auto* duplicates = std::get_if<DropDuplicates>(&rule))
    return fmt::format("{}_duplicates", duplicates->action);
  return std::visit(
      [](const auto& r) {
        const std::string detail = r.detail();
        const std::vector<std::string> columns = r.looked_at();
        return fmt::format("{}({}{}{})", r.kind, fmt::join(columns, ", "),
                           columns.empty() || detail.empty() ? "" : ": ", detail);
      },
      rule);
}

}  // namespace cohort
