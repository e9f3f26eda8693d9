// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/rule_groups_output.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "core/gather.hpp"
#include "io/text/csv_field.hpp"
#include "jobs/baskets/rules_output.hpp"
#include "jobs/output_folder.hpp"

namespace cohort {
namespace {

constexpr std::size_t shown_lines = 50;
constexpr double noteworthy_q = 0.05;
using Line = RuleGroups::Line;

double confidence_of(const RuleCounts& counts) {
  return static_cast<double>(counts.both) / static_cast<double>(counts.antecedent);
}

/// What both tables say of a rule in a group.
struct LineText {
  std::string antecedents, consequents, group;
  Json confidence, elsewhere, difference;

  LineText(const Line& line, const RuleGroups& found, const RuleTexts& texts, const BasketGroups& groups)
      : antecedents(texts.left(line.rule)),
        consequents(texts.right(line.rule)),
        group(groups.label(found.keys[static_cast<std::size_t>(line.group)])),
        confidence(confidence_of(line.inside)) {
    if (line.outside.antecedent == 0) return;
    elsewhere = confidence_of(line.outside);
    difference = confidence_of(line.inside) - confidence_of(line.outside);
  }
};

std::string csv_line(const Line& line, const LineText& text) {
  const auto number = [](const Json& value) { return value.is_null() ? "" : fmt::format("{}", value.get<double>()); };
  const RuleMeasures m = measure(line.inside);
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(text.antecedents),
                     csv_field(text.consequents), csv_field(text.group), line.inside.baskets, line.inside.antecedent,
                     line.inside.both, m.support, m.confidence, line.inside.consequent == 0 ? 0 : m.lift,
                     number(text.elsewhere), number(text.difference), line.p_value, line.q_value);
}

/// Collective. The lines of smallest p-value.
ResultTable differences_table(const RuleGroups& found, const RuleTexts& texts, const BasketGroups& groups,
                              const Context& context) {
  const auto before = [](const Line& a, const Line& b) {
    return std::tuple(a.p_value, a.rule, a.group) < std::tuple(b.p_value, b.rule, b.group);
  };
  const auto first = [&](std::vector<Line> lines) {
    const std::size_t kept = std::min(lines.size(), shown_lines);
    std::partial_sort(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(kept), lines.end(), before);
    lines.resize(kept);
    return lines;
  };
  const std::vector<Line> mine = first(found.lines);
  std::vector<Line> all;
  for (const Bytes& from : context.comm.all_gather(to_bytes(std::span(mine)))) append_values(from, all);
  ResultTable table{.name = "rule_groups",
                    .title = "Rules that differ most between groups",
                    .columns = {"antecedents", "consequents", "group", "antecedent_count", "count", "confidence",
                                "confidence_elsewhere", "difference", "p_value", "q_value"},
                    .rows = {}};
  for (const Line& line : first(all)) {
    const LineText text(line, found, texts, groups);
    table.rows.push_back({text.antecedents, text.consequents, text.group, line.inside.antecedent, line.inside.both,
                          text.confidence, text.elsewhere, text.difference, line.p_value, line.q_value});
  }
  return table;
}

}  // namespace

void add_rule_groups(const GroupParams& params, const RuleBook& book, const ItemCatalogue& items,
                     const Baskets& baskets, const StepContext& step, StepResult& result) {
  const Context& context = step.context;
  const BasketGroups groups = group_baskets(params, baskets, step);
  const RuleGroups found = RuleGroups::fit(book, items, groups.pass, context);
  const RuleTexts texts(book, items, baskets);
  const std::int64_t pieces = (book.size() + RuleGroups::rules_per_piece - 1) / RuleGroups::rules_per_piece;
  std::vector<int> mine;
  for (int piece = context.comm.rank(); piece < pieces; piece += context.comm.size()) mine.push_back(piece);
  write_in_pieces(context, step.folder / "rule_groups.csv",
                  "antecedents,consequents,group,baskets,antecedent_count,count,support,confidence,lift,"
                  "confidence_elsewhere,difference,p_value,q_value\n",
                  pieces, mine, [&](int piece) {
                    const auto piece_of = [](const Line& line) { return line.rule / RuleGroups::rules_per_piece; };
                    std::string text;
                    for (const Line& line : std::ranges::equal_range(found.lines, std::int64_t{piece}, {}, piece_of))
                      text += csv_line(line, LineText(line, found, texts, groups));
                    return text;
                  });
  std::array<std::int64_t, 1> differ{
      std::ranges::count_if(found.lines, [](const Line& line) { return line.q_value <= noteworthy_q; })};
  context.comm.all_reduce(differ, {});
  result.metrics["groups"] = found.keys.size();
  result.metrics["baskets_without_group"] = found.without_group;
  result.metrics["differences_tested"] = found.total;
  result.metrics["differences_below_q_0.05"] = differ[0];
  result.tables.push_back(differences_table(found, texts, groups, context));
}

}  // namespace cohort
