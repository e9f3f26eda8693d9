// SPDX-License-Identifier: Apache-2.0
#include "io/report/report_findings.hpp"

#include <algorithm>

namespace cohort {
namespace {

constexpr double best_part = 0.2;  // of customers, as in "the best fifth"
constexpr std::size_t most_rules = 4;

/// A row of a table, read by the names of its columns.
class Row {
 public:
  Row(const Json& table, const Json& row) : columns_(&table.at("columns")), row_(&row) {}
  [[nodiscard]] const Json& operator[](std::string_view column) const {
    static const Json null;
    const auto found = std::find(columns_->begin(), columns_->end(), column);
    return found == columns_->end() ? null : (*row_)[static_cast<std::size_t>(found - columns_->begin())];
  }

 private:
  const Json *columns_, *row_;
};

/// The rows of a section's table; none where it has no such table.
std::vector<Row> rows_of(const Json& result, std::string_view name) {
  std::vector<Row> rows;
  for (const Json& table : at(result, "tables"))
    if (table.at("name") == name)
      for (const Json& row : table.at("rows")) rows.emplace_back(table, row);
  return rows;
}

/// Sentences under a heading.
class Findings {
 public:
  Findings(std::string_view heading, const ReportWords& words) : heading_(heading), words_(words) {}

  /// A number of a column, shown as its tables show it; "" for anything else.
  [[nodiscard]] std::string number(std::string_view column, const Json& value) const {
    return value.is_number() && !is_missing(value) ? shown("b", column, value, words_) : "";
  }
  /// A segment or state, in the reader's language.
  [[nodiscard]] std::string name(const Json& value) const { return shown("span", "segment_name", value, words_); }
  /// A name of the data or of a parameter; "" for nothing.
  [[nodiscard]] static std::string text(const Json& value) {
    if (value.is_number_integer()) return fmt::format(R"(<b data-value="{0}">{0}</b>)", value.dump());
    return value.is_string() ? fmt::format("<b>{}</b>", escaped(value.get_ref<const std::string&>())) : "";
  }
  [[nodiscard]] static std::string rule(const Json& value) {
    return value.is_string() ? fmt::format("<code>{}</code>", escaped(value.get_ref<const std::string&>())) : "";
  }

  /// Says the sentence, unless one of its gaps has nothing to be filled with.
  template <class... Values>
  void say(std::string_view sentence, const Values&... values) {
    if ((values.empty() || ...)) return;
    sentences_ += fmt::format("<li>{}</li>\n", filled(sentence, values...));
  }

  [[nodiscard]] std::string html() const {
    return sentences_.empty() ? "" : fmt::format("<div><h3>{}</h3><ul>{}</ul></div>\n", heading_, sentences_);
  }

 private:
  std::string_view heading_;
  const ReportWords& words_;
  std::string sentences_;
};

void add_concentration(const Json& result, const ReportWords& words, Findings& best) {
  const Json value = at(at(result, "parameters"), "value");
  const std::string what = value == "monetary" ? std::string(words.the_revenue) : Findings::rule(value);
  for (const Row& row : rows_of(result, "pareto")) {
    const Json& part = row["customers_share"];
    if (!part.is_number() || part.get<double>() < best_part) continue;
    best.say(words.best_customers_bring, best.number("share", part), best.number("customers", row["customers"]),
             best.number("share", row["value_share"]), what);
    break;
  }
  const std::vector<Row> named = rows_of(result, "best");
  if (!named.empty())
    best.say(words.best_customer, Findings::text(named.front()["customer_id"]),
             best.number("share", named.front()["share"]), what);
}

/// The segment that brings most, and the sentence that tells it from the others.
void add_best_segment(const Json& result, const ReportWords& words, Findings& best) {
  const std::vector<Row> segments = rows_of(result, "revenue");
  const auto share = [](const Row& row) {
    return row["revenue_share"].is_number() ? row["revenue_share"].get<double>() : -1;
  };
  const auto top = std::max_element(segments.begin(), segments.end(),
                                    [&](const Row& a, const Row& b) { return share(a) < share(b); });
  if (top == segments.end()) return;
  best.say(words.best_segment, spoken(result.at("id").get_ref<const std::string&>(), words),
           best.name((*top)["segment_name"]), best.number("share", (*top)["customer_share"]),
           best.number("share", (*top)["revenue_share"]));
  for (const Row& row : rows_of(result, "rules"))
    if (row["segment_name"] == (*top)["segment_name"])
      best.say(words.segment_rule, best.name(row["segment_name"]), Findings::rule(row["rule"]),
               best.number("share", row["recall"]), best.number("share", row["precision"]));
}

/// "Of the customers active then, now: 40% active, 30% at risk."
void add_flow(const Json& result, const ReportWords& words, Findings& leaving) {
  const Json& metrics = at(result, "metrics");
  std::string parts;
  for (const Row& row : rows_of(result, "transitions")) {
    const std::string share = leaving.number("share", row["share_of_previous"]);
    if (row["previous_state"] != "active" || share.empty()) continue;
    parts += fmt::format("{}{} {}", parts.empty() ? "" : words.list_comma, share, leaving.name(row["lifecycle_state"]));
  }
  leaving.say(words.flow_of_active, Findings::text(at(metrics, "from")), Findings::text(at(metrics, "as_of")), parts);
}

void add_lifecycle(const Json& result, const ReportWords& words, Findings& leaving) {
  const Json& parameters = at(result, "parameters");
  const std::string active = leaving.number("days", at(parameters, "active_days")),
                    lapsed = leaving.number("days", at(parameters, "lapsed_days"));
  for (const Row& row : rows_of(result, "lifecycle")) {
    const std::string customers = leaving.number("customers", row["customers"]),
                      share = leaving.number("share", row["share"]),
                      revenue = leaving.number("revenue", row["revenue"]);
    if (row["lifecycle_state"] == "at_risk")
      leaving.say(words.at_risk_customers, customers, share, active, lapsed, revenue);
    if (row["lifecycle_state"] == "lapsed") leaving.say(words.lapsed_customers, customers, share, lapsed, revenue);
  }
  add_flow(result, words, leaving);
  const std::vector<Row> named = rows_of(result, "leaving");
  if (!named.empty())
    leaving.say(words.call_first, Findings::text(named.front()["customer_id"]),
                leaving.number("revenue", named.front()["revenue"]), leaving.number("orders", named.front()["orders"]),
                leaving.number("days", named.front()["recency_days"]));
}

/// Each model against the first, by the first metric of the table.
void add_comparison(const Json& result, const ReportWords& words, Findings& models) {
  const std::vector<Row> rows = rows_of(result, "comparison");
  const std::string customers = models.number("customers", at(at(result, "metrics"), "judged_rows"));
  for (const Row& row : rows) {
    const Json &metric = row["metric"], &first = rows.front()["model"];
    if (!metric.is_string() || metric != rows.front()["metric"] || row["model"] == first) continue;
    const std::string step = spoken(result.at("id").get_ref<const std::string&>(), words);
    const std::string name = spoken(metric.get_ref<const std::string&>(), words);
    const std::string p_value = models.number("p_value", row["p_value"]);
    const auto value = [&](const Row& of) { return models.number(metric.get_ref<const std::string&>(), of["value"]); };
    const bool first_is_better = row["better"] == first;
    const Row &better = first_is_better ? rows.front() : row, &other = first_is_better ? row : rows.front();
    if (row["better"].is_string()) {
      models.say(words.model_is_better, step, Findings::text(better["model"]), Findings::text(other["model"]), name,
                 value(better), value(other), p_value, customers);
    } else {
      models.say(words.models_are_equal, step, Findings::text(first), Findings::text(row["model"]), customers, name,
                 value(rows.front()), value(row), p_value);
    }
  }
}

/// ": a value is missing" for a rule of a kind we know, "drop_missing(customer)".
std::string reason_of(const std::string& rule, const ReportWords& words) {
  const auto known =
      std::ranges::find(words.reasons, std::string_view(rule).substr(0, rule.find('(')), &ReportLabel::name);
  return known == words.reasons.end() ? std::string() : filled(words.reason, known->label);
}

void add_rules(const Json& rules, const ReportWords& words, Findings& data) {
  std::vector<const Json*> order;
  for (const Json& rule : rules) order.push_back(&rule);
  std::ranges::stable_sort(order, [](const Json* a, const Json* b) { return a->at("removed") > b->at("removed"); });
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Json& rule = *order[i];
    const std::string name = Findings::rule(rule.at("rule")) + reason_of(rule["rule"].get<std::string>(), words);
    if (i < most_rules && rule.at("removed") > 0)
      data.say(words.rows_removed, data.number("rows", rule["removed"]), name);
    else if (rule.contains("changed"))
      data.say(words.rows_changed, data.number("rows", rule["changed"]), name);
    else if (rule.at("matched") > 0 && rule["rule"].get_ref<const std::string&>().starts_with("count_"))
      data.say(words.rows_counted, data.number("rows", rule["matched"]), name);
  }
}

void add_data(const Json& result, const ReportWords& words, Findings& data) {
  const Json &rows = at(result, "rows"), &metrics = at(result, "metrics");
  if (result.at("job") == "ingest" && !rows.is_null()) {
    data.say(words.rows_kept, data.number("rows", at(rows, "kept")), data.number("rows", at(rows, "read")));
    add_rules(at(rows, "rules"), words, data);
  }
  if (at(metrics, "events_without_time") > 0)
    data.say(words.undated_events, data.number("events", at(metrics, "events_without_time")));
  if (at(metrics, "events_not_before_as_of") > 0)
    data.say(words.late_events, data.number("events", at(metrics, "events_not_before_as_of")),
             Findings::text(at(metrics, "as_of")));
}

}  // namespace

std::string render_findings(const std::vector<ReportSection>& sections, const ReportWords& words) {
  Findings best(words.best_customers, words), leaving(words.leaving_customers, words),
      models(words.models_compared, words), data(words.state_of_data, words);
  for (const ReportSection& section : sections) {
    const Json& result = section.result;
    if (result.at("job") == "concentration")
      add_concentration(result, words, best);
    else
      add_best_segment(result, words, best);
    add_lifecycle(result, words, leaving);
    if (result.at("job") == "cohorts")
      leaving.say(words.repeat_rate, leaving.number("share", at(at(result, "metrics"), "repeat_rate")));
    if (result.at("job") == "compare") add_comparison(result, words, models);
    add_data(result, words, data);
  }
  const std::string inside = best.html() + leaving.html() + models.html() + data.html();
  if (inside.empty()) return {};
  return fmt::format(R"(<section id="findings" class="step findings" aria-labelledby="findings-title">
<header><h2 id="findings-title">{}</h2></header><div class="columns">{}</div></section>
)",
                     words.findings, inside);
}

}  // namespace cohort
