// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/apriori.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "core/aggregate.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

using Set = std::vector<std::int32_t>;
using Frequent = std::map<Set, std::int64_t>;

constexpr std::int64_t baskets_per_block = 4096;

struct CandidateCounts {
  std::vector<std::int64_t> counts;
  void parts(Parts& p) { p.sum(std::span(counts)); }
};

/// Calls for each set of `level` without one item.
template <class Call>
void each_smaller(const Set& set, const Call& call) {
  for (std::size_t out = 0; out < set.size(); ++out) {
    Set smaller = set;
    smaller.erase(smaller.begin() + static_cast<std::ptrdiff_t>(out));
    call(smaller);
  }
}

/// Sets one item longer, all of whose subsets of this length are frequent.
std::vector<Set> join(const Frequent& level) {
  std::vector<Set> candidates;
  for (auto a = level.begin(); a != level.end(); ++a) {
    for (auto b = std::next(a); b != level.end(); ++b) {
      if (!std::equal(a->first.begin(), a->first.end() - 1, b->first.begin())) break;
      Set candidate = a->first;
      candidate.push_back(b->first.back());
      bool possible = true;
      each_smaller(candidate, [&](const Set& smaller) { possible = possible && level.contains(smaller); });
      if (possible) candidates.push_back(std::move(candidate));
    }
  }
  return candidates;
}

/// Collective.
Frequent count(const std::vector<Set>& candidates, const Transactions& mine, std::int64_t min_count,
               const Context& context) {
  const std::int64_t blocks = (mine.size() + baskets_per_block - 1) / baskets_per_block;
  const CandidateCounts total =
      aggregate(context, blocks, CandidateCounts{std::vector<std::int64_t>(candidates.size(), 0)},
                [&](int, CandidateCounts& state, std::int64_t block) {
                  const std::int64_t end = std::min(mine.size(), (block + 1) * baskets_per_block);
                  for (std::int64_t b = block * baskets_per_block; b < end; ++b) {
                    for (std::size_t c = 0; c < candidates.size(); ++c)
                      state.counts[c] += std::ranges::includes(mine[b], candidates[c]) ? 1 : 0;
                  }
                });
  Frequent frequent;
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    if (total.counts[c] >= min_count) frequent.emplace(candidates[c], total.counts[c]);
  }
  return frequent;
}

/// The sets of a level that the kind asks for: those without a superset that is (as) frequent.
void keep_kind(const Frequent& level, const Frequent& longer, const MiningTask& task, ItemsetTable& found) {
  std::map<Set, std::int64_t> best;
  for (const auto& [set, count] : longer) {
    each_smaller(set, [&, count = count](const Set& smaller) { best[smaller] = std::max(best[smaller], count); });
  }
  for (const auto& [set, count] : level) {
    const auto above = best.find(set);
    const std::int64_t superset = above == best.end() ? 0 : above->second;
    const bool kept = task.kind == ItemsetKind::frequent || (task.kind == ItemsetKind::closed && superset < count) ||
                      (task.kind == ItemsetKind::maximal && superset == 0);
    if (kept && (task.max_len == 0 || std::ssize(set) <= task.max_len)) found.add(set, count);
  }
}

}  // namespace

ItemsetTable apriori(const Transactions& mine, const ItemCatalogue& items, const MiningTask& task,
                     const Context& context) {
  ItemsetTable found;
  Frequent level;
  for (std::int32_t i = 0; i < items.size(); ++i) {
    const std::int64_t count_alone = items.counts[static_cast<std::size_t>(i)];
    if (count_alone >= task.min_count) level.emplace(Set{i}, count_alone);
  }
  while (!level.empty() && found.size() <= task.max_sets) {
    Frequent longer = count(join(level), mine, task.min_count, context);
    keep_kind(level, longer, task, found);
    level = std::move(longer);
  }
  if (found.size() > task.max_sets) {
    throw Error(ExitCode::plan_refused, fmt::format("there are more than {} itemsets", task.max_sets),
                "raise min_support or max_itemsets, or use algorithm: auto, which names the support that fits");
  }
  return context.comm.rank() == 0 ? found : ItemsetTable{};
}

}  // namespace cohort
