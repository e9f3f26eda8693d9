// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/rules_output.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/gather.hpp"
#include "io/text/csv_field.hpp"
#include "jobs/baskets/itemsets_job.hpp"
#include "jobs/output_folder.hpp"
#include "jobs/table_file.hpp"

namespace cohort {
namespace {

constexpr std::size_t shown_rules = 50;
/// What a rule is judged by, in mlxtend's words where it has them.
const std::vector<std::string> figure_names{"antecedent support",
                                            "consequent support",
                                            "support",
                                            "confidence",
                                            "lift",
                                            "leverage",
                                            "conviction",
                                            "zhangs_metric",
                                            "jaccard",
                                            "kulczynski",
                                            "imbalance_ratio",
                                            "cosine",
                                            "all_confidence",
                                            "chi2",
                                            "p_fisher",
                                            "q_value"};

std::vector<double> figures_of(const Rules::Rule& rule) {
  const RuleMeasures m = measure(rule.counts);
  const auto n = static_cast<double>(rule.counts.baskets);
  return {static_cast<double>(rule.counts.antecedent) / n,
          static_cast<double>(rule.counts.consequent) / n,
          m.support,
          m.confidence,
          m.lift,
          m.leverage,
          m.conviction,
          m.zhang,
          m.jaccard,
          m.kulczynski,
          m.imbalance_ratio,
          m.cosine,
          m.all_confidence,
          m.chi2,
          rule.p_fisher,
          rule.q_value};
}

std::string csv_line(const Rules::Model& model, const Rules::Rule& rule, const Baskets& baskets) {
  const auto [left, right] = sides_of(model, rule, baskets);
  return fmt::format("{},{},{},{}\n", csv_field(left), csv_field(right), fmt::join(figures_of(rule), ","),
                     rule.counts.both);
}

/// The rules as columns.
std::vector<ColumnValues> columns_of(std::span<const Rules::Rule> rules, const Rules::Model& model,
                                     const Baskets& baskets) {
  TextValues lefts, rights;
  std::vector<std::int64_t> counts;
  std::vector<std::vector<double>> figures(figure_names.size());
  for (const Rules::Rule& rule : rules) {
    const auto [left, right] = sides_of(model, rule, baskets);
    lefts.push_back(left);
    rights.push_back(right);
    counts.push_back(rule.counts.both);
    const std::vector<double> values = figures_of(rule);
    for (std::size_t f = 0; f < values.size(); ++f) figures[f].push_back(values[f]);
  }
  std::vector<ColumnValues> columns{std::move(lefts), std::move(rights)};
  for (std::vector<double>& values : figures) columns.emplace_back(std::move(values));
  columns.emplace_back(std::move(counts));
  return columns;
}

/// "9,10 ==> 11 #SUP: 3 #CONF: 0.75"
std::string spmf_line(const Rules::Model& model, const Rules::Rule& rule, const Baskets& baskets) {
  const std::span<const std::int32_t> set = model.itemsets.found.sets[rule.set];
  std::string left;
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (std::cmp_equal(i, rule.position)) continue;
    if (!left.empty()) left += ',';
    left += spmf_item(set[i], model.itemsets.items, baskets);
  }
  return fmt::format("{} ==> {} #SUP: {} #CONF: {}\n", left,
                     spmf_item(set[static_cast<std::size_t>(rule.position)], model.itemsets.items, baskets),
                     rule.counts.both, measure(rule.counts).confidence);
}

Json finite(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

}  // namespace

std::pair<std::string, std::string> sides_of(const Rules::Model& model, const Rules::Rule& rule,
                                             const Baskets& baskets) {
  const std::span<const std::int32_t> set = model.itemsets.found.sets[rule.set];
  std::vector<std::int32_t> left(set.begin(), set.end());
  left.erase(left.begin() + rule.position);
  return {labels_of(left, model.itemsets.items, baskets),
          labels_of(set.subspan(static_cast<std::size_t>(rule.position), 1), model.itemsets.items, baskets)};
}

RuleTexts::RuleTexts(const RuleBook& book, const ItemCatalogue& items, const Baskets& baskets) {
  const auto text_of = [&](std::span<const std::int32_t> codes) {
    std::vector<std::int32_t> ranks;
    for (const std::int32_t code : codes) ranks.push_back(items.rank_of[static_cast<std::size_t>(code)]);
    std::sort(ranks.begin(), ranks.end());
    return labels_of(ranks, items, baskets);
  };
  for (std::int64_t rule = 0; rule < book.size(); ++rule) {
    lefts_.push_back(text_of(book.antecedents[rule]));
    rights_.push_back(text_of(std::span(&book.consequents[static_cast<std::size_t>(rule)], 1)));
  }
}

void write_rules(const Rules::Model& model, const Baskets& baskets, const StepContext& step) {
  const SortedItemsets& found = model.itemsets.found;
  const int rank = step.context.comm.rank();
  const std::vector<int> mine = pieces_of_rank(found, rank);
  const auto rules_of = [&](int piece) {
    const auto [begin, end] = sets_of_piece(found, rank, piece);
    const auto first = std::ranges::lower_bound(model.rules, begin, {}, &Rules::Rule::set);
    return std::span(first, std::ranges::lower_bound(model.rules, end, {}, &Rules::Rule::set));
  };
  const auto write = [&](const char* file, const std::string& header, const auto& line) {
    write_in_pieces(step.context, step.folder / file, header, found.pieces(), mine, [&](int piece) {
      std::string text;
      for (const Rules::Rule& rule : rules_of(piece)) text += line(rule);
      return text;
    });
  };
  write("rules.csv", fmt::format("antecedents,consequents,{},count\n", fmt::join(figure_names, ",")),
        [&](const Rules::Rule& rule) { return csv_line(model, rule, baskets); });
  write("rules.txt", spmf_header(model.itemsets.items, baskets),
        [&](const Rules::Rule& rule) { return spmf_line(model, rule, baskets); });
  std::vector<Column> columns{{.name = "antecedents", .type = ColumnType::text},
                              {.name = "consequents", .type = ColumnType::text}};
  for (const std::string& name : figure_names) columns.push_back({.name = name, .type = ColumnType::float64});
  columns.push_back({.name = "count", .type = ColumnType::int64});
  write_table_file(step.context, step.folder / "rules.h5", "rules", columns, found.pieces(), mine,
                   [&](int piece) { return columns_of(rules_of(piece), model, baskets); });
}

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
  for (const Bytes& from : comm.all_gather(to_bytes(std::span(text)))) {
    const auto* begin = reinterpret_cast<const char*>(from.data());
    for (const Json& row : Json::parse(begin, begin + from.size())) table.rows.push_back(row);
  }
  std::ranges::stable_sort(table.rows, std::greater{}, [](const auto& row) { return row[4].template get<double>(); });
  table.rows.resize(std::min(table.rows.size(), shown_rules));
  return table;
}

ResultTable rule_network(const ResultTable& top) {
  ResultTable table{.name = "network",
                    .title = "Network of the rules of highest lift",
                    .columns = {"antecedents", "consequents", "lift", "confidence"},
                    .rows = {},
                    .chart = {{"type", "network"}, {"x", "antecedents"}, {"y", {"consequents"}}, {"value", "lift"}}};
  for (const auto& row : top.rows) {
    if (row[0] != "") table.rows.push_back({row[0], row[1], row[4], row[3]});
  }
  return table;
}

ResultTable rule_sizes(const Rules::Model& model, Communicator& comm) {
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

}  // namespace cohort
