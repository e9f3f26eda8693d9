// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/rules_job.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/gather.hpp"
#include "jobs/baskets/itemsets_job.hpp"
#include "jobs/ingest/quarantine.hpp"
#include "jobs/output_folder.hpp"

namespace cohort {
namespace {

constexpr std::size_t shown_rules = 50;
constexpr std::string_view csv_header =
    "antecedents,consequents,antecedent support,consequent support,support,confidence,lift,leverage,conviction,"
    "zhangs_metric,jaccard,kulczynski,imbalance_ratio,cosine,all_confidence,chi2,count,p_fisher,q_value\n";

/// The labels of both sides.
std::pair<std::string, std::string> sides_of(const Rules::Model& model, const Rules::Rule& rule,
                                             const Baskets& baskets) {
  const std::span<const std::int32_t> set = model.itemsets.found.sets[rule.set];
  std::vector<std::int32_t> left(set.begin(), set.end());
  left.erase(left.begin() + rule.position);
  return {labels_of(left, model.itemsets.items, baskets),
          labels_of(set.subspan(static_cast<std::size_t>(rule.position), 1), model.itemsets.items, baskets)};
}

std::string csv_line(const Rules::Model& model, const Rules::Rule& rule, const Baskets& baskets) {
  const auto [left, right] = sides_of(model, rule, baskets);
  const RuleMeasures m = measure(rule.counts);
  const auto n = static_cast<double>(rule.counts.baskets);
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(left), csv_field(right),
                     static_cast<double>(rule.counts.antecedent) / n, static_cast<double>(rule.counts.consequent) / n,
                     m.support, m.confidence, m.lift, m.leverage, m.conviction, m.zhang, m.jaccard, m.kulczynski,
                     m.imbalance_ratio, m.cosine, m.all_confidence, m.chi2, rule.counts.both, rule.p_fisher,
                     rule.q_value);
}

/// Collective. All rules as CSV, in the order of their sets and then of the right side.
void write_rules(const Rules::Model& model, const Baskets& baskets, const StepContext& step) {
  const SortedItemsets& found = model.itemsets.found;
  const int rank = step.context.comm.rank();
  write_in_pieces(step.context, step.folder / "rules.csv", std::string(csv_header), found.pieces(),
                  pieces_of_rank(found, rank), [&](int piece) {
                    const auto [begin, end] = sets_of_piece(found, rank, piece);
                    const auto first =
                        std::ranges::lower_bound(model.rules, begin, {}, [](const Rules::Rule& r) { return r.set; });
                    std::string text;
                    for (auto rule = first; rule != model.rules.end() && rule->set < end; ++rule)
                      text += csv_line(model, *rule, baskets);
                    return text;
                  });
}

Json finite(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

/// Collective. The rules of highest lift; equal ones in the order of the table.
ResultTable top_rules(const Rules::Model& model, const Baskets& baskets, Communicator& comm) {
  const auto lift = [](const Rules::Rule& rule) { return measure(rule.counts).lift; };
  std::vector<Rules::Rule> best = model.rules;
  std::ranges::stable_sort(best, std::greater{}, lift);
  best.resize(std::min(best.size(), shown_rules));
  Json mine = Json::array();
  for (const Rules::Rule& rule : best) {
    const auto [left, right] = sides_of(model, rule, baskets);
    const RuleMeasures m = measure(rule.counts);
    mine.push_back({left, right, m.support, m.confidence, m.lift, m.leverage, finite(m.conviction), rule.counts.both,
                    rule.p_fisher, rule.q_value});
  }
  ResultTable table{.name = "top_rules",
                    .title = "Rules of highest lift",
                    .columns = {"antecedents", "consequents", "support", "confidence", "lift", "leverage", "conviction",
                                "count", "p_fisher", "q_value"},
                    .rows = {},
                    .chart = {{"type", "scatter"}, {"x", "support"}, {"y", {"lift"}}}};
  const std::string text = mine.dump();
  for (const Bytes& from : gather_on_all(comm, to_bytes(std::span(text)))) {
    const auto* begin = reinterpret_cast<const char*>(from.data());
    for (const Json& row : Json::parse(begin, begin + from.size())) table.rows.push_back(row);
  }
  std::ranges::stable_sort(table.rows, std::greater{}, [](const auto& row) { return row[4].template get<double>(); });
  table.rows.resize(std::min(table.rows.size(), shown_rules));
  return table;
}

/// Collective.
ResultTable sizes_table(const Rules::Model& model, Communicator& comm) {
  ResultTable lengths = lengths_table(model.itemsets.found, comm);
  std::vector<std::int64_t> rules(lengths.rows.size(), 0);
  for (const Rules::Rule& rule : model.rules) ++rules[model.itemsets.found.sets[rule.set].size() - 1];
  comm.all_reduce(rules, {});
  ResultTable table{.name = "sizes",
                    .title = "Rules by number of items, both sides",
                    .columns = {"size", "rules"},
                    .rows = {},
                    .chart = {{"type", "bar"}, {"x", "size"}, {"y", {"rules"}}}};
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i] > 0) table.rows.push_back({i + 1, rules[i]});
  }
  if (table.rows.empty()) table.chart = nullptr;
  return table;
}

}  // namespace

void RulesJob::Params::describe(Fields& f) {
  source.describe(f);
  mining.describe(f);
}

void RulesJob::Params::check(const ConfigNode& node) const {
  try {
    mining.check();
  } catch (const Error& error) {
    throw node.error(error.what(), error.next());
  }
}

std::vector<std::string> RulesJob::inputs(const Params& params, const std::filesystem::path& out) {
  return params.source.inputs(out);
}

StepResult RulesJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  const Baskets baskets = open_baskets(params.source, step);
  Rules::Model model;
  {
    const Metrics::Phase phase(context.metrics, context.comm, step.id + "/mine");
    model = Rules::fit(params.mining, baskets.pass, context);
  }
  const Metrics::Phase phase(context.metrics, context.comm, step.id + "/output");
  write_rules(model, baskets, step);
  StepResult result;
  result.sources = baskets.sources;
  result.metrics = basket_metrics(baskets, model.itemsets.items, context.comm);
  result.metrics["itemsets"] = model.itemsets.total;
  result.metrics["rules"] = model.total;
  result.metrics["min_count"] = model.itemsets.min_count;
  result.metrics["hypotheses"] = model.hypotheses;
  result.tables.push_back(top_rules(model, baskets, context.comm));
  const auto& top = result.tables.back().rows;
  result.metrics["best_lift"] = top.empty() ? Json(nullptr) : top.front()[4];
  result.tables.push_back(sizes_table(model, context.comm));
  return result;
}

}  // namespace cohort
