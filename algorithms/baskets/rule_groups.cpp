// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/rule_groups.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "algorithms/baskets/rules_q_values.hpp"
#include "core/aggregate.hpp"
#include "core/column.hpp"
#include "core/error.hpp"
#include "core/gather.hpp"

namespace cohort {
namespace {

/// Collective. The keys that occur, ascending.
std::vector<std::int64_t> find_groups(const GroupedPass& pass, const Context& context) {
  std::vector<std::set<std::int64_t>> seen(static_cast<std::size_t>(context.threads));
  std::set<std::int64_t> all;
  const auto check = [](const std::set<std::int64_t>& keys) {
    if (std::ssize(keys) <= RuleGroups::most_groups) return;
    throw Error(ExitCode::bad_config, fmt::format("the baskets fall into more than {} groups", RuleGroups::most_groups),
                "group by a column with fewer values");
  };
  collectively(context.comm, [&] {
    pass([&](int worker, std::int64_t group, std::span<const std::int64_t>) {
      std::set<std::int64_t>& mine = seen[static_cast<std::size_t>(worker)];
      if (group != missing_int64 && mine.insert(group).second) check(mine);
    });
    for (const std::set<std::int64_t>& mine : seen) all.insert(mine.begin(), mine.end());
  });
  const std::vector<std::int64_t> mine(all.begin(), all.end());
  std::vector<std::int64_t> keys;
  for (const Bytes& from : context.comm.all_gather(to_bytes(std::span(mine)))) append_values(from, keys);
  all.insert(keys.begin(), keys.end());
  collectively(context.comm, [&] { check(all); });
  return {all.begin(), all.end()};
}

/// Counts by group: baskets, then of each item, then of each rule's left side and both sides.
struct GroupCounts {
  std::size_t groups = 0, items = 0;
  std::vector<std::int64_t> values;
  std::int64_t without_group = 0;

  GroupCounts(std::size_t group_count, std::size_t item_count, std::size_t rules)
      : groups(group_count), items(item_count), values(group_count * (1 + item_count + 2 * rules), 0) {}
  std::int64_t& baskets(std::size_t group) { return values[group]; }
  std::int64_t& item(std::int32_t code, std::size_t group) {
    return values[(1 + static_cast<std::size_t>(code)) * groups + group];
  }
  std::int64_t& left(std::int64_t rule, std::size_t group) {
    return values[(1 + items + 2 * static_cast<std::size_t>(rule)) * groups + group];
  }
  std::int64_t& both(std::int64_t rule, std::size_t group) {
    return values[(2 + items + 2 * static_cast<std::size_t>(rule)) * groups + group];
  }
};

void refuse_too_many(const GroupCounts& counts, std::int64_t rules, const Context& context) {
  const std::int64_t bytes = std::ssize(counts.values) * 8 * (context.threads + 1);
  if (bytes <= context.memory_per_rank / 4) return;
  throw Error(
      ExitCode::plan_refused,
      fmt::format("{} rules in {} groups need {} bytes on every rank, more than a quarter of memory_per_rank ({})",
                  rules, counts.groups, bytes, context.memory_per_rank),
      "ask for fewer rules or groups, or give run.memory_per_rank more");
}

/// Collective. One pass over the baskets, summed over threads and ranks.
GroupCounts count_groups(const RuleBook& book, const ItemCatalogue& items, const std::vector<std::int64_t>& keys,
                         const GroupedPass& pass, const Context& context) {
  GroupCounts total(keys.size(), items.keys.size(), static_cast<std::size_t>(book.size()));
  const RuleMatcher matcher(book, items.size());
  const ItemCodes code_of(items);
  collectively(context.comm, [&] {
    refuse_too_many(total, book.size(), context);
    std::vector<GroupCounts> counts(static_cast<std::size_t>(context.threads), total);
    std::vector<RuleMatcher::Marks> marks(counts.size(), matcher.marks());
    std::vector<std::vector<std::int32_t>> codes(counts.size());
    pass([&](int worker, std::int64_t key, std::span<const std::int64_t> basket) {
      const auto w = static_cast<std::size_t>(worker);
      GroupCounts& mine = counts[w];
      if (key == missing_int64) {
        ++mine.without_group;
        return;
      }
      const auto group = static_cast<std::size_t>(std::ranges::lower_bound(keys, key) - keys.begin());
      std::vector<std::int32_t>& set = codes[w];
      set.clear();
      for (const std::int64_t item : basket) {
        if (const std::int32_t code = code_of(item); code >= 0) set.push_back(code);
      }
      std::sort(set.begin(), set.end());
      set.erase(std::unique(set.begin(), set.end()), set.end());
      ++mine.baskets(group);
      for (const std::int32_t code : set) ++mine.item(code, group);
      matcher.match(set, marks[w], [&](std::int32_t rule) {
        ++mine.left(rule, group);
        const auto right = static_cast<std::size_t>(book.consequents[static_cast<std::size_t>(rule)]);
        if (marks[w].held[right] != 0) ++mine.both(rule, group);
      });
    });
    for (const GroupCounts& mine : counts) {
      for (std::size_t i = 0; i < total.values.size(); ++i) total.values[i] += mine.values[i];
      total.without_group += mine.without_group;
    }
  });
  total.values.push_back(total.without_group);
  context.comm.all_reduce(total.values, {});
  total.without_group = total.values.back();
  return total;
}

/// Of two shares, how likely at least such a difference is if they were equal: twice the smaller tail.
double two_sided(const RuleCounts& inside, const RuleCounts& outside) {
  const RuleCounts more{.baskets = inside.antecedent + outside.antecedent,
                        .antecedent = inside.antecedent,
                        .consequent = inside.both + outside.both,
                        .both = inside.both};
  RuleCounts fewer = more;
  fewer.consequent = more.baskets - more.consequent;
  fewer.both = more.antecedent - more.both;
  return std::min(1.0, 2 * std::min(fisher_p(more), fisher_p(fewer)));
}

RuleCounts operator+(const RuleCounts& a, const RuleCounts& b) {
  return {a.baskets + b.baskets, a.antecedent + b.antecedent, a.consequent + b.consequent, a.both + b.both};
}
RuleCounts operator-(const RuleCounts& a, const RuleCounts& b) {
  return {a.baskets - b.baskets, a.antecedent - b.antecedent, a.consequent - b.consequent, a.both - b.both};
}

/// Appends a rule's lines, one for each group with its left side.
void add_lines(std::int64_t rule, std::int32_t right, GroupCounts& counts, std::vector<RuleGroups::Line>& lines) {
  std::vector<RuleCounts> inside;
  RuleCounts all;
  for (std::size_t group = 0; group < counts.groups; ++group) {
    inside.push_back(
        {counts.baskets(group), counts.left(rule, group), counts.item(right, group), counts.both(rule, group)});
    all = all + inside.back();
  }
  for (std::size_t group = 0; group < counts.groups; ++group) {
    const RuleCounts outside = all - inside[group];
    if (inside[group].antecedent == 0) continue;
    lines.push_back({.rule = rule,
                     .group = static_cast<std::int64_t>(group),
                     .inside = inside[group],
                     .outside = outside,
                     .p_value = outside.antecedent == 0 ? 1 : two_sided(inside[group], outside)});
  }
}

}  // namespace

RuleGroups RuleGroups::fit(const RuleBook& book, const ItemCatalogue& items, const GroupedPass& pass,
                           const Context& context) {
  RuleGroups found;
  found.keys = find_groups(pass, context);
  GroupCounts counts = count_groups(book, items, found.keys, pass, context);
  found.without_group = counts.without_group;
  for (std::int64_t rule = 0; rule < book.size(); ++rule) {
    if (rule / rules_per_piece % context.comm.size() == context.comm.rank())
      add_lines(rule, book.consequents[static_cast<std::size_t>(rule)], counts, found.lines);
  }
  std::array<std::int64_t, 1> total{std::ssize(found.lines)};
  context.comm.all_reduce(total, {});
  found.total = total[0];
  std::vector<double> p_values;
  for (const Line& line : found.lines) p_values.push_back(line.p_value);
  const std::vector<double> q = q_values(p_values, found.total, context.comm);
  for (std::size_t i = 0; i < q.size(); ++i) found.lines[i].q_value = q[i];
  return found;
}

}  // namespace cohort
