// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/rules.hpp"

#include <algorithm>
#include <array>

#include "algorithms/baskets/item_levels.hpp"
#include "algorithms/baskets/rules_q_values.hpp"
#include "algorithms/baskets/rules_subsets.hpp"
#include "core/error.hpp"
#include "core/threads.hpp"

namespace cohort {
namespace {

using Rule = Rules::Rule;

/// Collective. Every rule of this rank's sets: one a set and item, in order.
std::vector<Rule> all_rules(const Itemsets::Model& itemsets, Communicator& comm) {
  const ItemsetTable& sets = itemsets.found.sets;
  std::vector<Rule> rules;
  for (std::int64_t s = 0; s < sets.size(); ++s) {
    for (std::int32_t position = 0; position < std::ssize(sets[s]); ++position) {
      const std::int32_t item = sets[s][static_cast<std::size_t>(position)];
      const auto code = static_cast<std::size_t>(itemsets.items.code_of[static_cast<std::size_t>(item)]);
      rules.push_back({.set = s,
                       .position = position,
                       .counts = {.baskets = itemsets.items.baskets,
                                  .antecedent = itemsets.items.baskets,
                                  .consequent = itemsets.items.counts[code],
                                  .both = sets.counts[static_cast<std::size_t>(s)]}});
    }
  }
  ask_subsets(
      comm, itemsets.found, 0, sets.size(),
      [&](std::int64_t set, std::vector<double>& answer) {
        answer.push_back(static_cast<double>(sets.counts[static_cast<std::size_t>(set)]));
      },
      [&](std::int64_t set, std::int32_t position, std::span<const double> answer) {
        const auto rule = static_cast<std::size_t>(sets.offsets[static_cast<std::size_t>(set)] + position);
        rules[rule].counts.antecedent = static_cast<std::int64_t>(answer[0]);
      });
  return rules;
}

double confidence_of(const Rule& rule) {
  return static_cast<double>(rule.counts.both) / static_cast<double>(rule.counts.antecedent);
}

/// Collective. The highest confidence among the rules with the same right side and fewer items on the left, by rule;
/// -1 where there is none. Length by length: a rule one shorter already knows the best of those below it.
std::vector<double> best_simpler(const Itemsets::Model& itemsets, const std::vector<Rule>& rules, bool from_empty,
                                 std::int64_t max_len, Communicator& comm) {
  const ItemsetTable& sets = itemsets.found.sets;
  std::vector<double> best(rules.size(), -1);
  const auto first_rule = [&](std::int64_t set) {
    return static_cast<std::size_t>(sets.offsets[static_cast<std::size_t>(set)]);
  };
  const auto answer = [&](std::int64_t set, std::vector<double>& values) {
    const bool counts = from_empty || sets[set].size() > 1;
    for (std::size_t p = 0; p < sets[set].size(); ++p) {
      const std::size_t rule = first_rule(set) + p;
      values.push_back(counts ? std::max(best[rule], confidence_of(rules[rule])) : -1);
    }
  };
  // The set without the item at `left_out` holds the others in order, moved by one after it.
  const auto take = [&](std::int64_t set, std::int32_t left_out, std::span<const double> values) {
    for (std::size_t p = 0; p < sets[set].size(); ++p) {
      const auto out = static_cast<std::size_t>(left_out);
      if (p == out) continue;
      double& here = best[first_rule(set) + p];
      here = std::max(here, values[p < out ? p : p - 1]);
    }
  };
  std::int64_t begin = 0;
  for (std::int64_t length = 1; length <= max_len; ++length) {
    std::int64_t end = begin;
    while (end < sets.size() && std::ssize(sets[end]) == length) ++end;
    ask_subsets(comm, itemsets.found, begin, end, answer, take);
    begin = end;
  }
  return best;
}

/// Collective. Tests the rules with something on the left. A pair of a frequent left side and a frequent item is a
/// hypothesis whether or not both together came out frequent, so that choosing by support does not hide tests.
std::int64_t test_rules(const Itemsets::Model& itemsets, const ItemLevels& levels, std::int64_t max_len,
                        std::vector<Rule>& rules, const Context& context) {
  std::array<std::int64_t, 1> hypotheses{};
  const ItemsetTable& sets = itemsets.found.sets;
  for (std::int64_t s = 0; s < sets.size(); ++s) {
    const std::int64_t length = std::ssize(sets[s]);
    if (length < max_len) hypotheses[0] += itemsets.items.size() - length - levels.related_to(sets[s]);
  }
  context.comm.all_reduce(hypotheses, {});
  parallel_for(context.threads, std::ssize(rules), [&](int, std::int64_t r) {
    Rule& rule = rules[static_cast<std::size_t>(r)];
    if (sets[rule.set].size() > 1) rule.p_fisher = fisher_p(rule.counts);
  });
  std::vector<double> tested;
  for (const Rule& rule : rules) {
    if (sets[rule.set].size() > 1) tested.push_back(rule.p_fisher);
  }
  const std::vector<double> q = q_values(tested, hypotheses[0], context.comm);
  std::size_t next = 0;
  for (Rule& rule : rules) {
    if (sets[rule.set].size() > 1) rule.q_value = q[next++];
  }
  return hypotheses[0];
}

}  // namespace

void Rules::Params::describe(Fields& f) {
  itemsets.describe(f);
  f({.name = "min_confidence",
     .text = "Least share of the baskets with the left side that also hold the right side",
     .range = {0, 1},
     .aliases = {"minConfidence", "conf"}},
    min_confidence);
  f({.name = "min_lift", .text = "Least confidence in units of the right side's support", .range = {0, 1e12}},
    min_lift);
  f({.name = "min_len", .text = "Fewest items of a rule, both sides; 1 allows an empty left side", .range = {1, 1e9}},
    min_len);
  f({.name = "max_q_value",
     .text = "Highest share of false discoveries: keeps rules whose q-value is at most this",
     .range = {0, 1}},
    max_q_value);
  f({.name = "remove_redundant",
     .text = "Drop rules for which a rule with fewer items on the left and the same right side is as confident"},
    remove_redundant);
}

void Rules::Params::check() const {
  itemsets.check();
  if (itemsets.kind != "frequent" || itemsets.top_k != 0) {
    throw Error(ExitCode::bad_config, "rules need all frequent itemsets, for their left sides",
                "remove kind and top_k from the step");
  }
}

Rules::Model Rules::fit(const Params& params, const BasketPass& baskets, const Context& context,
                        const ItemParents& parents) {
  params.check();
  Model model;
  model.itemsets = fit_levels(params.itemsets, baskets, context, parents);
  const ItemLevels levels(model.itemsets.items, parents);
  std::array<std::int64_t, 1> longest{1};
  const ItemsetTable& sets = model.itemsets.found.sets;
  if (sets.size() > 0) longest[0] = std::ssize(sets[sets.size() - 1]);
  context.comm.all_reduce({}, longest);

  std::vector<Rule> rules = all_rules(model.itemsets, context.comm);
  const std::int64_t max_len = params.itemsets.max_len == 0 ? longest[0] + 1 : params.itemsets.max_len;
  model.hypotheses = test_rules(model.itemsets, levels, max_len, rules, context);
  std::vector<double> simpler(rules.size(), -1);
  if (params.remove_redundant)
    simpler = best_simpler(model.itemsets, rules, params.min_len == 1, longest[0], context.comm);
  for (std::size_t r = 0; r < rules.size(); ++r) {
    const Rule& rule = rules[r];
    const double confidence = confidence_of(rule);
    const bool kept = std::ssize(sets[rule.set]) >= params.min_len && confidence >= params.min_confidence &&
                      measure(rule.counts).lift >= params.min_lift && rule.q_value <= params.max_q_value &&
                      simpler[r] < confidence;
    if (kept) model.rules.push_back(rule);
  }
  std::array<std::int64_t, 1> total{std::ssize(model.rules)};
  context.comm.all_reduce(total, {});
  model.total = total[0];
  return model;
}

}  // namespace cohort
