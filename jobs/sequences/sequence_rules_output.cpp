// SPDX-License-Identifier: Apache-2.0
#include "jobs/sequences/sequence_rules_output.hpp"

#include <algorithm>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "io/durable_file.hpp"
#include "io/text/csv_field.hpp"
#include "jobs/time_span.hpp"

namespace cohort {
namespace {

using Rule = SequenceRules::Rule;

constexpr std::size_t curves = 6;
constexpr std::size_t curve_points = 50;

/// Rules in the words of the input.
class RuleWords {
 public:
  RuleWords(const SequenceTerms& terms, const SequenceRules::Result& found) : terms_(terms), found_(found) {}

  [[nodiscard]] const std::string& label(std::int32_t item) const {
    return terms_.labels[static_cast<std::size_t>(item)];
  }
  [[nodiscard]] std::string text(const Rule& rule) const {
    return fmt::format("{} -> {}", label(rule.antecedent), label(rule.consequent));
  }
  [[nodiscard]] double gap(std::int64_t units) const {
    return static_cast<double>(units) / static_cast<double>(terms_.units_per_day);
  }
  [[nodiscard]] double support(const Rule& rule) const {
    return static_cast<double>(rule.count) / static_cast<double>(terms_.sequences);
  }
  /// Share of all purchases that are followed A, beyond what chance gives.
  [[nodiscard]] double leverage(const Rule& rule) const {
    return (rule.confidence - rule.base_rate) * static_cast<double>(rule.purchases) /
           static_cast<double>(found_.purchases);
  }

 private:
  const SequenceTerms& terms_;
  const SequenceRules::Result& found_;
};

std::string rules_csv(const SequenceRules::Result& found, const RuleWords& words) {
  std::string text =
      "antecedents,consequents,support,confidence,lift,leverage,count,q_value,median_gap,p90_gap,window,p_value,base_"
      "rate,purchases,followed\n";
  for (const Rule& rule : found.rules) {
    text +=
        fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(words.label(rule.antecedent)),
                    csv_field(words.label(rule.consequent)), words.support(rule), rule.confidence, rule.lift,
                    words.leverage(rule), rule.count, rule.q_value, words.gap(rule.median_gap), words.gap(rule.p90_gap),
                    words.gap(found.within), rule.p_value, rule.base_rate, rule.purchases, rule.followed);
  }
  return text;
}

ResultTable rules_table(const SequenceRules::Result& found, const RuleWords& words) {
  ResultTable table{.name = "rules",
                    .title = "What follows within the window",
                    .columns = {"antecedents", "consequents", "support", "confidence", "lift", "count", "q_value",
                                "median_gap", "p90_gap"},
                    .rows = {},
                    .chart = {{"type", "scatter"}, {"x", "support"}, {"y", {"lift"}}}};
  for (std::size_t r = 0; r < std::min<std::size_t>(found.rules.size(), 1000); ++r) {
    const Rule& rule = found.rules[r];
    table.rows.push_back({words.label(rule.antecedent), words.label(rule.consequent), words.support(rule),
                          rule.confidence, rule.lift, rule.count, rule.q_value, words.gap(rule.median_gap),
                          words.gap(rule.p90_gap)});
  }
  if (table.rows.empty()) table.chart = nullptr;
  return table;
}

/// Share of purchases not yet followed: the survival curve of the gap, of purchases seen through the whole window.
ResultTable curves_table(const SequenceRules::Result& found, const RuleWords& words) {
  const std::size_t shown = std::min(curves, found.rules.size());
  ResultTable table{.name = "delay_curves",
                    .title = "Share not yet followed, by time since the purchase",
                    .columns = {"gap"},
                    .rows = {},
                    .chart = {{"type", "line"}, {"x", "gap"}, {"y", Json::array()}}};
  for (std::size_t r = 0; r < shown; ++r) {
    table.columns.push_back(words.text(found.rules[r]));
    table.chart["y"].push_back(table.columns.back());
  }
  const std::size_t bins = found.rules.front().followed_by.size();
  const std::size_t stride = std::max<std::size_t>(1, bins / curve_points);
  table.rows.emplace_back(1 + shown, 1.0);
  table.rows.back().front() = 0.0;
  for (std::size_t bin = stride - 1; bin < bins; bin += stride) {
    std::vector<Json> row{words.gap(std::min(static_cast<std::int64_t>(bin + 1) * found.gap_unit, found.within))};
    for (std::size_t r = 0; r < shown; ++r) {
      const Rule& rule = found.rules[r];
      row.emplace_back(1 - static_cast<double>(rule.followed_by[bin]) / static_cast<double>(rule.purchases));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

void SequenceRuleParams::describe(Fields& f) {
  f({.name = "within",
     .text = "Also find rules \"A, then C within this time\": 30d, or positions (3) for spmf; empty: no rules"},
    within);
  f({.name = "min_confidence",
     .text = "Least share of purchases of A that are followed by C",
     .range = {.low = 0, .high = 1},
     .aliases = {"minConfidence"}},
    min_confidence);
  f({.name = "min_lift", .text = "Least confidence over the share of all purchases followed by C", .range = {.low = 0}},
    min_lift);
  f({.name = "max_q_value",
     .text = "Most expected share of false rules (Benjamini-Hochberg over all pairs of frequent items); 1: all rules",
     .range = {.low = 0, .high = 1}},
    max_q_value);
  f({.name = "max_rules",
     .text = "More rules than this end the step with exit code 14",
     .range = {.low = 1, .high = 1e6}},
    max_rules);
}

void write_sequence_rules(const SequenceRules::Result& found, const SequenceTerms& terms, const StepContext& step,
                          StepResult& result) {
  Communicator& comm = step.context.comm;
  const RuleWords words(terms, found);
  collectively(comm, [&] {
    if (comm.rank() == 0) write_file(step.folder / "rules.csv", rules_csv(found, words));
  });
  result.metrics["rules"] = found.rules.size();
  result.metrics["pairs_tested"] = found.pairs_tested;
  result.metrics["purchases_observed"] = found.purchases;
  result.tables.push_back(rules_table(found, words));
  if (!found.rules.empty()) result.tables.push_back(curves_table(found, words));
}

void add_sequence_rules(const SequenceRuleParams& params, std::int64_t min_count, const SequenceInput& input,
                        const StepContext& step, StepResult& result) {
  const Context& context = step.context;
  SequenceRules::Params fit{.min_count = min_count,
                            .min_confidence = params.min_confidence,
                            .min_lift = params.min_lift,
                            .max_q_value = params.max_q_value,
                            .observed_until = input.last_time,
                            .max_rules = params.max_rules};
  collectively(context.comm, [&] {
    fit.within = input.units("within", params.within);
    if (fit.within == 0) throw Error(ExitCode::bad_config, "within: a window of no time", "give it a length: 30d");
  });
  write_sequence_rules(SequenceRules::fit(fit, input.sequences, context),
                       {.labels = input.labels,
                        .sequences = input.total,
                        .units_per_day = input.times ? day_in_units(1, *input.times) : 1},
                       step, result);
}

}  // namespace cohort
