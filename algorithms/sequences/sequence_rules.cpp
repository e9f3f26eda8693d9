// SPDX-License-Identifier: Apache-2.0
#include "algorithms/sequences/sequence_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "algorithms/baskets/rules_measures.hpp"
#include "algorithms/sequences/sequences.hpp"
#include "algorithms/statistics/significance.hpp"
#include "core/aggregate.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

using Rule = SequenceRules::Rule;

constexpr std::int64_t sequences_per_block = 1024;
constexpr std::int64_t gap_bins = 200;
constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

/// Candidate rules grouped by antecedent: those of item i are [first[i], first[i + 1]).
struct RuleIndex {
  std::vector<std::int64_t> first;
  std::vector<std::int32_t> consequents;

  /// `rules` are sorted by antecedent.
  RuleIndex(const std::vector<Rule>& rules, std::int32_t n_items) : first(static_cast<std::size_t>(n_items) + 1) {
    for (const Rule& rule : rules) {
      ++first[static_cast<std::size_t>(rule.antecedent) + 1];
      consequents.push_back(rule.consequent);
    }
    for (std::size_t i = 1; i < first.size(); ++i) first[i] += first[i - 1];
  }
};

/// Sums over customers; o and a are a customer's followed and all purchases of an antecedent.
struct Tally {
  std::int64_t purchases = 0;
  std::vector<std::int64_t> of_item, of_item_squared;                    ///< a and a^2, by item
  std::vector<std::int64_t> before_item;                                 ///< purchases of anything followed by the item
  std::vector<std::int64_t> followed, followed_squared, followed_cross;  ///< o, o^2 and o a, by rule

  Tally(std::size_t items, std::size_t rules)
      : of_item(items),
        of_item_squared(items),
        before_item(items),
        followed(rules),
        followed_squared(rules),
        followed_cross(rules) {}
  void parts(Parts& p) {
    p.sum(purchases);
    for (auto* sums : {&of_item, &of_item_squared, &before_item, &followed, &followed_squared, &followed_cross}) {
      p.sum(*sums);
    }
  }
};

/// Walks one customer's elements; each worker has its own.
class CustomerWalk {
 public:
  CustomerWalk(const SequenceDatabase& sequences, const SequenceRules::Params& params, const RuleIndex& index)
      : sequences_(sequences),
        index_(index),
        within_(params.within),
        last_observed_(params.observed_until == never ? never : params.observed_until - params.within),
        next_(static_cast<std::size_t>(sequences.n_items), never),
        previous_(next_.size(), -1),
        of_item_(next_.size()),
        followed_(index.consequents.size()) {}

  /// Adds sequence s to the tally.
  void add(std::int64_t s, Tally& tally) {
    count_before_items(s, tally);
    for_each_followed(
        s, [&](std::int32_t item) { bump(of_item_, touched_items_, static_cast<std::size_t>(item)); },
        [&](std::size_t rule, std::int64_t) { bump(followed_, touched_rules_, rule); });
    settle(tally);
  }

  /// Calls bought(item) for each observed purchase, last first, and follows(rule, gap) for each rule it fulfils.
  template <class Bought, class Follows>
  void for_each_followed(std::int64_t s, const Bought& bought, const Follows& follows) {
    const auto [begin, end] = elements(s);
    for (std::int64_t e = end; e-- > begin;) {
      const std::int64_t time = time_of(e);
      if (time <= last_observed_) {
        for (const std::int32_t item : sequences_.items_of(e)) {
          bought(item);
          const auto i = static_cast<std::size_t>(item);
          for (std::int64_t r = index_.first[i]; r < index_.first[i + 1]; ++r) {
            const auto rule = static_cast<std::size_t>(r);
            const std::int64_t next = next_[static_cast<std::size_t>(index_.consequents[rule])];
            if (next != never && next - time <= within_) follows(rule, next - time);
          }
        }
      }
      for (const std::int32_t item : sequences_.items_of(e)) next_[static_cast<std::size_t>(item)] = time;
    }
    for_each_item(begin, end, [this](std::size_t item) { next_[item] = never; });
  }

 private:
  [[nodiscard]] std::pair<std::int64_t, std::int64_t> elements(std::int64_t s) const {
    return {sequences_.first_element[static_cast<std::size_t>(s)],
            sequences_.first_element[static_cast<std::size_t>(s) + 1]};
  }
  [[nodiscard]] std::int64_t time_of(std::int64_t element) const {
    return sequences_.times[static_cast<std::size_t>(element)];
  }
  template <class Work>
  void for_each_item(std::int64_t begin, std::int64_t end, const Work& work) const {
    for (std::int64_t e = begin; e < end; ++e) {
      for (const std::int32_t item : sequences_.items_of(e)) work(static_cast<std::size_t>(item));
    }
  }
  static void bump(std::vector<std::int64_t>& counts, std::vector<std::size_t>& touched, std::size_t i) {
    if (counts[i]++ == 0) touched.push_back(i);
  }

  /// The purchases whose next C is this one lie between the C before it and this one, inside the window.
  void count_before_items(std::int64_t s, Tally& tally) {
    const auto [begin, end] = elements(s);
    purchases_before_.assign(1, 0);
    std::int64_t window = begin;
    for (std::int64_t e = begin; e < end; ++e) {
      while (time_of(e) - time_of(window) > within_) ++window;
      for (const std::int32_t item : sequences_.items_of(e)) {
        const auto i = static_cast<std::size_t>(item);
        const std::int64_t from = std::max(window, std::exchange(previous_[i], e));
        tally.before_item[i] += purchases_before_.back() - purchases_before_[static_cast<std::size_t>(from - begin)];
      }
      const std::int64_t bought = time_of(e) <= last_observed_ ? std::ssize(sequences_.items_of(e)) : 0;
      purchases_before_.push_back(purchases_before_.back() + bought);
    }
    tally.purchases += purchases_before_.back();
    for_each_item(begin, end, [this](std::size_t item) { previous_[item] = -1; });
  }

  void settle(Tally& tally) {
    for (const std::size_t item : touched_items_) {
      tally.of_item[item] += of_item_[item];
      tally.of_item_squared[item] += of_item_[item] * of_item_[item];
      for (std::int64_t r = index_.first[item]; r < index_.first[item + 1]; ++r) {
        const auto rule = static_cast<std::size_t>(r);
        tally.followed_cross[rule] += followed_[rule] * of_item_[item];
      }
      of_item_[item] = 0;
    }
    for (const std::size_t rule : touched_rules_) {
      tally.followed[rule] += followed_[rule];
      tally.followed_squared[rule] += followed_[rule] * followed_[rule];
      followed_[rule] = 0;
    }
    touched_items_.clear();
    touched_rules_.clear();
  }

  const SequenceDatabase& sequences_;
  const RuleIndex& index_;
  std::int64_t within_, last_observed_;
  std::vector<std::int64_t> next_, previous_, of_item_, followed_, purchases_before_;
  std::vector<std::size_t> touched_items_, touched_rules_;
};

/// Collective. One pass over all sequences: add(walk, state, sequence).
template <class State, class Add>
State pass(const SequenceRules::Params& params, const SequenceDatabase& sequences, const RuleIndex& index,
           const Context& context, const State& identity, const Add& add) {
  std::vector<std::optional<CustomerWalk>> walks(static_cast<std::size_t>(context.threads));
  const std::int64_t blocks = (sequences.size() + sequences_per_block - 1) / sequences_per_block;
  return aggregate(context, blocks, identity, [&](int worker, State& state, std::int64_t block) {
    auto& walk = walks[static_cast<std::size_t>(worker)];
    if (!walk) walk.emplace(sequences, params, index);
    const std::int64_t end = std::min((block + 1) * sequences_per_block, sequences.size());
    for (std::int64_t s = block * sequences_per_block; s < end; ++s) add(*walk, state, s);
  });
}

/// Collective. The pairs that enough customers have, by antecedent, then consequent.
std::vector<Rule> candidates(const SequenceRules::Params& params, const SequenceDatabase& sequences,
                             const Context& context) {
  std::vector<Rule> rules;
  const Sequences::Params pairs{.min_count = params.min_count, .constraints = {.max_gap = params.within, .max_len = 2}};
  for (const SequencePattern& pattern : Sequences::mine(pairs, sequences, context)) {
    if (pattern.steps.size() != 3) continue;
    rules.push_back({.antecedent = pattern.steps[0], .consequent = pattern.steps[2], .count = pattern.count});
  }
  std::sort(rules.begin(), rules.end(), [](const Rule& a, const Rule& b) {
    return std::pair(a.antecedent, a.consequent) < std::pair(b.antecedent, b.consequent);
  });
  return rules;
}

/// Rates and p-value of one rule from the sums.
void judge(Rule& rule, std::size_t r, const Tally& tally) {
  const auto a = static_cast<std::size_t>(rule.antecedent), c = static_cast<std::size_t>(rule.consequent);
  rule.purchases = tally.of_item[a];
  rule.followed = tally.followed[r];
  if (rule.followed == 0) return;
  const auto bought = static_cast<double>(rule.purchases), followed = static_cast<double>(rule.followed);
  rule.confidence = followed / bought;
  rule.base_rate = static_cast<double>(tally.before_item[c]) / static_cast<double>(tally.purchases);
  rule.lift = rule.confidence / rule.base_rate;
  const double fisher = fisher_p({.baskets = tally.purchases,
                                  .antecedent = rule.purchases,
                                  .consequent = tally.before_item[c],
                                  .both = rule.followed});
  const double variance = static_cast<double>(tally.followed_squared[r]) -
                          2 * rule.base_rate * static_cast<double>(tally.followed_cross[r]) +
                          rule.base_rate * rule.base_rate * static_cast<double>(tally.of_item_squared[a]);
  const double excess = followed - rule.base_rate * bought;
  rule.p_value = std::max(fisher, variance > 0 ? normal_tail(excess / std::sqrt(variance)) : 1.0);
}

/// Followed purchases by gap: a row of `gap_bins` a rule.
struct Gaps {
  std::vector<std::int64_t> counts;
  void parts(Parts& p) { p.sum(counts); }
};

/// Collective. Fills what the gaps say into the rules, which are by antecedent.
void measure_gaps(const SequenceRules::Params& params, const SequenceDatabase& sequences, const Context& context,
                  SequenceRules::Result& result) {
  const std::int64_t bins = (params.within + result.gap_unit - 1) / result.gap_unit;
  const RuleIndex index(result.rules, sequences.n_items);
  const Gaps identity{std::vector<std::int64_t>(result.rules.size() * static_cast<std::size_t>(bins))};
  Gaps gaps = pass(params, sequences, index, context, identity, [&](CustomerWalk& walk, Gaps& state, std::int64_t s) {
    walk.for_each_followed(
        s, [](std::int32_t) {},
        [&](std::size_t rule, std::int64_t gap) {
          const auto bin = static_cast<std::size_t>((gap - 1) / result.gap_unit);
          ++state.counts[rule * static_cast<std::size_t>(bins) + bin];
        });
  });
  for (std::size_t r = 0; r < result.rules.size(); ++r) {
    Rule& rule = result.rules[r];
    std::int64_t sum = 0;
    for (std::int64_t bin = 0; bin < bins; ++bin) {
      const std::int64_t gap = std::min((bin + 1) * result.gap_unit, params.within);
      const std::int64_t before = sum;
      sum += gaps.counts[r * static_cast<std::size_t>(bins) + static_cast<std::size_t>(bin)];
      if (2 * before < rule.followed && 2 * sum >= rule.followed) rule.median_gap = gap;
      if (10 * before < 9 * rule.followed && 10 * sum >= 9 * rule.followed) rule.p90_gap = gap;
      rule.followed_by.push_back(sum);
    }
  }
}

}  // namespace

SequenceRules::Result SequenceRules::fit(const Params& params, const SequenceDatabase& sequences,
                                         const Context& context) {
  Result result{.within = params.within, .gap_unit = (params.within + gap_bins - 1) / gap_bins};
  const std::vector<std::int64_t> counts = count_items(sequences, context);
  const std::int64_t frequent =
      std::count_if(counts.begin(), counts.end(), [&](std::int64_t count) { return count >= params.min_count; });
  result.pairs_tested = frequent * frequent;
  result.rules = candidates(params, sequences, context);
  const RuleIndex index(result.rules, sequences.n_items);
  const Tally tally = pass(params, sequences, index, context, Tally(counts.size(), result.rules.size()),
                           [](CustomerWalk& walk, Tally& state, std::int64_t s) { walk.add(s, state); });
  result.purchases = tally.purchases;
  std::vector<double> p_values;
  for (std::size_t r = 0; r < result.rules.size(); ++r) {
    judge(result.rules[r], r, tally);
    p_values.push_back(result.rules[r].p_value);
  }
  const std::vector<double> q = q_values(p_values, result.pairs_tested);
  for (std::size_t r = 0; r < q.size(); ++r) result.rules[r].q_value = q[r];
  std::erase_if(result.rules, [&](const Rule& rule) {
    return rule.followed == 0 || rule.confidence < params.min_confidence || rule.lift < params.min_lift ||
           rule.q_value > params.max_q_value;
  });
  collectively(context.comm, [&] {
    if (std::ssize(result.rules) <= params.max_rules) return;
    throw Error(ExitCode::plan_refused,
                fmt::format("{} rules pass, more than max_rules = {}", result.rules.size(), params.max_rules),
                "raise min_lift, min_confidence or min_support, or max_rules if you want them all");
  });
  measure_gaps(params, sequences, context, result);
  std::stable_sort(result.rules.begin(), result.rules.end(), [](const Rule& a, const Rule& b) {
    return a.lift != b.lift ? a.lift > b.lift : a.count > b.count;  // stable: then antecedent, consequent
  });
  return result;
}

}  // namespace cohort
