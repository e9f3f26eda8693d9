// SPDX-License-Identifier: Apache-2.0
#include "jobs/init/job_draft.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "io/text/text_standard.hpp"
#include "jobs/init/column_guess.hpp"

namespace cohort {
namespace {

using Words = std::span<const std::string_view>;
constexpr std::array<std::string_view, 16> customer_words{
    "customerid", "customer", "custid", "customernumber", "customerno", "clientid", "client",   "userid",
    "user",       "memberid", "member", "accountid",      "account",    "kunde",    "kundennr", "客户"};
constexpr std::array<std::string_view, 11> basket_words{"invoiceno", "invoice",       "invoiceid", "orderid",
                                                        "order",     "orderno",       "basketid",  "basket",
                                                        "receipt",   "transactionid", "订单"};
constexpr std::array<std::string_view, 10> item_words{"stockcode", "sku",  "itemid",  "item",    "productid",
                                                      "product",   "asin", "article", "artikel", "商品"};
constexpr std::array<std::string_view, 6> quantity_words{"quantity", "qty", "units", "count", "menge", "数量"};
constexpr std::array<std::string_view, 7> price_words{"unitprice", "price", "amount", "unitcost",
                                                      "preis",     "value", "单价"};
constexpr std::array<std::string_view, 11> label_words{
    "churn", "churned", "target", "label", "y", "revenue", "converted", "response", "subscribed", "outcome", "exited"};
constexpr std::array<std::string_view, 5> positive_words{"yes", "true", "1", "t", "y"};
constexpr std::size_t most_model_categories = 100;

/// A name as the word lists spell it.
std::string bare(const std::string& name) {
  std::string word = in_lower_case(name);
  std::erase_if(word, [](char c) { return c == '_' || c == ' ' || c == '-' || c == '.'; });
  return word;
}

std::string yaml_text(const std::string& text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return ('a' <= (c | 0x20) && (c | 0x20) <= 'z') || c == '_';
  });
  constexpr std::array<std::string_view, 9> words{"y", "n", "yes", "no", "true", "false", "on", "off", "null"};
  if (plain && std::find(words.begin(), words.end(), in_lower_case(text)) == words.end()) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\t')
      out += "\\t";
    else
      out += c;
  }
  return out + '"';
}

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return "[" + list + "]";
}

class Draft {
 public:
  explicit Draft(const std::string& path)
      : sample_(read_sample(path)), form_(guess_number_form(sample_)), columns_(guess_columns(sample_, form_)) {
    assign_roles();
  }

  std::string text() {
    write_head();
    write_source();
    write_cleaning();
    if (is_events_)
      write_event_steps();
    else
      write_customer_steps();
    return std::move(text_);
  }

 private:
  /// The first unassigned column of one of the names that `fits`, in the order of the names.
  template <class Fits>
  ColumnGuess* find(Words words, const Fits& fits) {
    for (const std::string_view word : words) {
      for (ColumnGuess& column : columns_) {
        if (bare(column.name) == word && fits(column) && !roles_.contains(&column)) return &column;
      }
    }
    return nullptr;
  }

  template <class Fits>
  void assign(const std::string& role, Words words, const Fits& fits) {
    ColumnGuess* column = find(words, fits);
    if (column == nullptr) return;
    column->proposed = role;
    roles_[column] = role;
    by_role_[role] = column;
  }

  void assign_roles() {
    const auto any = [](const ColumnGuess&) { return true; };
    const auto number = [](const ColumnGuess& column) { return column.is_number(); };
    assign("customer", customer_words, [](const ColumnGuess& column) { return !column.is_time(); });
    const auto time = std::find_if(columns_.begin(), columns_.end(), [](const ColumnGuess& c) { return c.is_time(); });
    is_events_ = by_role_.contains("customer") && time != columns_.end();
    if (is_events_) {
      time->proposed = "time";
      time->type = "timestamp";
      roles_[&*time] = "time";
      by_role_["time"] = &*time;
      assign("basket", basket_words, any);
      assign("item", item_words, any);
      assign("quantity", quantity_words, number);
      assign("price", price_words, number);
      for (const char* role : {"basket", "item"}) {
        if (by_role_.contains(role)) by_role_[role]->type = "category";
      }
    } else {
      label_ = find(label_words, [](const ColumnGuess& column) { return column.distinct == 2; });
      if (label_ == nullptr && columns_.back().distinct == 2) label_ = &columns_.back();
      if (label_ != nullptr) label_->type = "category";
      for (ColumnGuess& column : columns_) {
        if (column.type == "category" && column.distinct > most_model_categories) column.type = "text";
      }
    }
    if (by_role_.contains("customer")) {
      ColumnGuess& customer = *by_role_["customer"];
      customer.type = customer.type == "int32" || customer.type == "int64" ? "int64" : "text";
      const bool unique = customer.distinct + customer.empty >= std::min<std::size_t>(sample_.rows, 10'001);
      if (!is_events_ && (!unique || customer.empty > 0)) {
        roles_.erase(&customer);
        by_role_.erase("customer");
        customer.proposed = "customer_column";  // its rows are not one a customer
      }
    }
    // No other column may take a role's name.
    for (ColumnGuess& column : columns_) {
      const bool clashes =
          column.proposed == "customer" || column.proposed == "time" || by_role_.contains(column.proposed);
      if (clashes && !roles_.contains(&column)) column.proposed += "_column";
    }
  }

  void line(int indent, const std::string& content, const std::string& comment = {}) {
    text_ +=
        std::string(static_cast<std::size_t>(indent), ' ') + content + (comment.empty() ? "" : "  # " + comment) + '\n';
  }

  void write_head() {
    const std::string name = std::filesystem::path(sample_.path).stem().stem().string();
    line(0, fmt::format("# Proposed by `cohort init --from` from {} rows{}. Look it over, then:", sample_.rows,
                        sample_.whole ? ", the whole file" : " at the beginning of the file"));
    line(0, "#   cohort validate job.yaml && cohort run job.yaml --out out");
    line(0, "version: 1");
    line(0, fmt::format("run: {{name: {}, random_state: 42}}", yaml_text(name)));
    line(0, fmt::format("dataset: {}", yaml_text(name + ".cohort")));
    line(0, "steps:");
    line(2, "- ingest:");
  }

  void write_source() {
    line(6, "sources:");
    line(8, is_events_ ? "transactions:" : "customers:",
         is_events_ ? "events: a customer and a time in each row" : "one row a customer");
    line(10, "path: " + yaml_text(sample_.path), "relative to where you start the job; a list or a glob for several");
    line(10, "delimiter: " + yaml_text(sample_.delimiter == '\t' ? "tab" : std::string(1, sample_.delimiter)));
    line(10, "encoding: " + yaml_text(sample_.encoding));
    if (form_.decimal != '.') line(10, "decimal: \",\"");
    if (!form_.thousands.empty()) line(10, "thousands: " + yaml_text(form_.thousands));
    line(10, "map:", "name in the dataset: column of the file; drop what you do not need");
    if (!by_role_.contains("customer")) line(12, "customer: $row", "no column is one id a row: records are numbered");
    for (const ColumnGuess& column : columns_)
      line(12, yaml_text(column.proposed) + ": " + yaml_text(column.name), facts(column));
    line(10, "types:");
    for (const ColumnGuess& column : columns_) line(12, yaml_text(column.proposed) + ": " + column.type);
    if (std::none_of(columns_.begin(), columns_.end(), [](const ColumnGuess& c) { return c.is_time(); })) return;
    line(10, "formats:");
    for (const ColumnGuess& column : columns_) {
      if (column.is_time())
        line(12, fmt::format("{}: \"{}\"", yaml_text(column.proposed), column.time_format),
             column.ambiguous_day ? "the month could come first as well: check it" : "");
    }
  }

  static std::string facts(const ColumnGuess& column) {
    std::string text = column.distinct > 10'000 ? "more than 10000 values" : fmt::format("{} values", column.distinct);
    if (column.empty > 0) text += fmt::format(", {} of {} rows empty", column.empty, column.rows);
    if (column.has_negative) text += ", some below zero";
    return text;
  }

  void write_cleaning() {
    std::vector<std::string> rules;
    for (const ColumnGuess& column : columns_) {
      if (column.missing.empty()) continue;
      std::string words;
      for (const std::string& word : column.missing) words += (words.empty() ? "\"" : ", \"") + word + "\": \"\"";
      rules.push_back(
          fmt::format("replace: {{columns: [{}], values: {{{}}}{}}}", yaml_text(column.proposed), words, table()));
    }
    if (is_events_) {
      std::vector<std::string> keys, amounts;
      for (const char* role : {"customer", "time"}) {
        if (by_role_.at(role)->empty > 0 || !by_role_.at(role)->missing.empty()) keys.emplace_back(role);
      }
      for (const char* role : {"quantity", "price"}) {
        if (by_role_.contains(role) && by_role_.at(role)->has_non_positive) amounts.emplace_back(role);
      }
      if (!keys.empty()) rules.push_back(fmt::format("drop_missing: {{columns: {}}}", list_of(keys)));
      for (const std::string& amount : amounts)
        rules.push_back(fmt::format("drop_non_positive: {{columns: [{}]}}", amount));
    } else {
      for (const ColumnGuess& column : columns_) {
        if (column.empty + column.missing.size() == 0 || roles_.contains(&column)) continue;
        if (column.is_number())
          rules.push_back(fmt::format("impute: {{column: {}, with: median{}}}", yaml_text(column.proposed), table()));
        else if (column.type == "category")
          rules.insert(
              rules.begin() + std::count_if(rules.begin(), rules.end(),
                                            [](const std::string& rule) { return rule.starts_with("replace"); }),
              fmt::format("fill_missing: {{columns: [{}], value: unknown{}}}", yaml_text(column.proposed), table()));
      }
    }
    if (sample_.ragged > 0 || !sample_.whole)
      line(6, "max_bad_rows: 1%", fmt::format("{} rows of the sample have too few or too many fields", sample_.ragged));
    if (rules.empty()) return;
    line(6, "clean:", "in this order; result.json counts what each rule removes or changes");
    for (const std::string& rule : rules) line(8, "- " + rule);
    if (is_events_ && by_role_.contains("quantity") && by_role_.contains("item") && by_role_.contains("price") &&
        by_role_["quantity"]->has_negative)
      line(8, "# - net_returns: {}", "instead of dropping quantities below zero: sets returns off against purchases");
  }

  [[nodiscard]] std::string table() const { return is_events_ ? "" : ", table: customers"; }

  void write_event_steps() {
    std::string roles;
    for (const char* role : {"basket", "item", "quantity", "price"}) {
      if (!by_role_.contains(role)) roles += fmt::format("{}{}: \"\"", roles.empty() ? "" : ", ", role);
    }
    line(2, "- features: {" + roles + "}", "recency, frequency, money as of the day after the last event");
    const bool has_money = by_role_.contains("price");
    if (has_money) line(2, "- rfm: {}");
    line(2, "- kmeans:");
    line(6, "n_clusters: 5");
    line(6, has_money ? "features: [recency_days, frequency, monetary]" : "features: [recency_days, frequency]");
    line(6, "log1p: all");
    line(6, "scale: standard");
  }

  void write_customer_steps() {
    std::vector<std::string> numbers;
    for (const ColumnGuess& column : columns_) {
      if (column.is_number() && !roles_.contains(&column)) numbers.push_back(yaml_text(column.proposed));
    }
    if (!numbers.empty()) {
      line(2, "- kmeans:");
      line(6, "input: dataset");
      line(6, "n_clusters: 5");
      line(6, "features: " + list_of(numbers));
      line(6, "scale: standard");
    }
    if (label_ == nullptr) return;
    std::string positive = label_->values.back();
    for (const std::string& value : label_->values) {
      if (std::find(positive_words.begin(), positive_words.end(), in_lower_case(value)) != positive_words.end())
        positive = value;
    }
    line(2, "- logistic:");
    line(6, "input: dataset");
    line(6, "label: " + yaml_text(label_->proposed), "has two values; leave out columns known only afterwards");
    line(6, "positive: " + yaml_text(positive));
    line(6, "holdout: {test_share: 0.2}");
  }

  TextSample sample_;
  NumberForm form_;
  std::vector<ColumnGuess> columns_;
  std::map<const ColumnGuess*, std::string> roles_;
  std::map<std::string, ColumnGuess*> by_role_;
  ColumnGuess* label_ = nullptr;
  bool is_events_ = false;
  std::string text_;
};

}  // namespace

std::string draft_job(const std::string& export_path) {
  return Draft(export_path).text();
}

}  // namespace cohort
