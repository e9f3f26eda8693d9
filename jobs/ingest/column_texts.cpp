// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/column_texts.hpp"

#include <algorithm>

#include "io/text/text_standard.hpp"

namespace cohort {
namespace {

using Change = std::function<std::optional<std::string>(std::string_view)>;

Change change_of(const CleaningRule& rule) {
  if (std::holds_alternative<Trim>(rule)) return without_outer_blanks;
  if (std::holds_alternative<NormaliseWidth>(rule)) return in_usual_width;
  if (const auto* change = std::get_if<ChangeCase>(&rule)) return change->to == "lower" ? in_lower_case : in_upper_case;
  if (const auto* standard = std::get_if<Standardise>(&rule)) {
    if (standard->as == "phone") return standard_phone;
    return standard->as == "email" ? standard_email : standard_postcode;
  }
  if (const auto* fill = std::get_if<FillMissing>(&rule)) {
    return [value = fill->value](std::string_view text) { return text.empty() ? value : std::string(text); };
  }
  return [&values = std::get<Replace>(rule).values](std::string_view text) {
    const auto found = values.find(std::string(text));
    return found == values.end() ? std::string(text) : found->second;
  };
}

bool is_number(const Column& column) {
  return column.type == ColumnType::int32 || column.type == ColumnType::int64 || column.type == ColumnType::float64 ||
         column.type == ColumnType::decimal;
}

}  // namespace

std::optional<std::string> plain_number(std::string_view text, char decimal, std::string_view thousands) {
  const std::size_t point = std::min(text.find(decimal), text.size());
  std::string out;
  std::size_t digits = 0;  // since the last thousands mark
  bool grouped = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == point) {
      if (grouped && digits != 3) return std::nullopt;
      out += '.';
    } else if (!thousands.empty() && text.substr(i).starts_with(thousands)) {
      if (i > point || digits == 0 || digits > 3 || (grouped && digits != 3)) return std::nullopt;
      grouped = true;
      digits = 0;
      i += thousands.size() - 1;
    } else if (text[i] == '.') {
      return std::nullopt;
    } else {
      digits += '0' <= text[i] && text[i] <= '9' && i < point ? 1 : 0;
      out += text[i];
    }
  }
  if (grouped && point == text.size() && digits != 3) return std::nullopt;
  return out;
}

ColumnTexts::ColumnTexts(const TablePlan& plan, std::size_t column) {
  const SourceColumn& source = plan.schema.columns[column];
  const TextForm& form = plan.schema.form;
  if (source.in_file() && form.encoding != "utf-8") {
    steps_.push_back({.change = [decoder = std::make_shared<TextDecoder>(form.encoding)](std::string_view text) {
      return decoder->decode(text);
    }});
  }
  for (std::size_t i = 0; i < plan.rules.size(); ++i) {
    if (stage_of(plan.rules[i]) != RuleStage::texts) continue;
    const std::vector<std::string> names = base_of(plan.rules[i]).looked_at();
    if (std::find(names.begin(), names.end(), source.column.name) == names.end()) continue;
    steps_.push_back({.change = change_of(plan.rules[i]), .rule = static_cast<std::int64_t>(i)});
  }
  if (is_number(source.column) && source.in_file() && (form.decimal != '.' || !form.thousands.empty())) {
    steps_.push_back(
        {.change = [form](std::string_view text) { return plain_number(text, form.decimal, form.thousands); },
         .refusal = ParseStatus::not_a_number});
  }
}

const std::vector<std::string_view>& ColumnTexts::run(std::span<const std::string_view> fields, BalanceSheet& sheet) {
  texts_.assign(fields.begin(), fields.end());
  kept_.clear();
  refused_.clear();
  for (const Step& step : steps_) {
    for (std::size_t row = 0; row < texts_.size(); ++row) {
      std::optional<std::string> changed = step.change(texts_[row]);
      if (!changed) {
        refused_.push_back({row, step.refusal});
      } else if (*changed != texts_[row]) {
        texts_[row] = kept_.emplace_back(std::move(*changed));
        if (step.rule < 0) continue;
        BalanceSheet::Rule& charged = sheet.rules[static_cast<std::size_t>(step.rule)];
        ++charged.matched;
        ++charged.changed;
      }
    }
  }
  return texts_;
}

std::size_t ColumnTexts::refuse(std::vector<ParseStatus>& statuses) const {
  std::size_t more = 0;
  for (const Refusal& refusal : refused_) {
    more += is_good(statuses[refusal.row]) ? 1 : 0;
    statuses[refusal.row] = refusal.why;
  }
  return more;
}

}  // namespace cohort
