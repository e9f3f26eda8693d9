// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/itemsets_estimate.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "algorithms/baskets/itemsets_classes.hpp"
#include "algorithms/baskets/itemsets_draw.hpp"
#include "core/aggregate.hpp"
#include "core/gather.hpp"

namespace cohort {
namespace {

constexpr std::int64_t baskets_per_block = 4096;

/// Collective. The same items with their counts in the sample; codes stay, though the counts no longer descend.
ItemCatalogue recount(const Transactions& sample, const ItemCatalogue& items, std::int64_t min_count,
                      const Context& context) {
  ItemCatalogue recounted = items;
  recounted.counts.assign(items.counts.size() + 1, 0);
  for (const std::int32_t code : sample.items) ++recounted.counts[static_cast<std::size_t>(code)];
  recounted.counts.back() = sample.size();
  context.comm.all_reduce(recounted.counts, {});
  recounted.baskets = recounted.counts.back();
  recounted.counts.pop_back();
  recounted.min_count = min_count;
  return recounted;
}

struct SetCounts {
  std::vector<std::int64_t> counts;
  void parts(Parts& p) { p.sum(std::span(counts)); }
};

/// Collective. In how many of all baskets each set is; the sets are equal on all ranks. A set is looked at in the
/// baskets that hold its rarest item.
std::vector<std::int64_t> count_sets(const ItemsetTable& sets, const Transactions& mine, const ItemCatalogue& items,
                                     const Context& context) {
  std::vector<std::vector<std::int64_t>> by_rarest(items.counts.size());
  for (std::int64_t s = 0; s < sets.size(); ++s)
    by_rarest[static_cast<std::size_t>(*std::ranges::max_element(sets[s]))].push_back(s);
  const std::int64_t blocks = (mine.size() + baskets_per_block - 1) / baskets_per_block;
  SetCounts total =
      aggregate(context, blocks, SetCounts{std::vector<std::int64_t>(sets.counts.size(), 0)},
                [&](int, SetCounts& state, std::int64_t block) {
                  std::vector<char> held(items.counts.size(), 0);
                  const auto holds = [&](std::int32_t item) { return held[static_cast<std::size_t>(item)] != 0; };
                  const std::int64_t end = std::min(mine.size(), (block + 1) * baskets_per_block);
                  for (std::int64_t b = block * baskets_per_block; b < end; ++b) {
                    for (const std::int32_t item : mine[b]) {
                      held[static_cast<std::size_t>(item)] = 1;
                      for (const std::int64_t s : by_rarest[static_cast<std::size_t>(item)])
                        state.counts[static_cast<std::size_t>(s)] += std::ranges::all_of(sets[s], holds) ? 1 : 0;
                    }
                    for (const std::int32_t item : mine[b]) held[static_cast<std::size_t>(item)] = 0;
                  }
                });
  // Baskets of one item are not among `mine`; its count is known.
  for (std::int64_t s = 0; s < sets.size(); ++s) {
    if (sets[s].size() == 1)
      total.counts[static_cast<std::size_t>(s)] = items.counts[static_cast<std::size_t>(sets[s].front())];
  }
  return std::move(total.counts);
}

/// Collective. The sets that the ranks kept, on every rank.
ItemsetTable gather_sets(const std::vector<ItemsetTable>& kept, Communicator& comm) {
  std::vector<std::int32_t> words;
  for (const ItemsetTable& sets : kept) {
    for (std::int64_t s = 0; s < sets.size(); ++s) {
      words.push_back(static_cast<std::int32_t>(sets[s].size()));
      words.insert(words.end(), sets[s].begin(), sets[s].end());
    }
  }
  ItemsetTable all;
  for (const Bytes& from : comm.all_gather(to_bytes(std::span<const std::int32_t>(words)))) {
    words.clear();
    append_values(from, words);
    for (std::size_t at = 0; at < words.size(); at += static_cast<std::size_t>(words[at]) + 1)
      all.add(std::span(words).subspan(at + 1, static_cast<std::size_t>(words[at])), 0);
  }
  return all;
}

}  // namespace

std::optional<std::int64_t> support_by_sample(const Transactions& mine, Transactions drawn, const ItemCatalogue& items,
                                              const MiningTask& task, const SupportSample& sample,
                                              const Context& context) {
  if (task.kind == ItemsetKind::maximal) return std::nullopt;
  const ItemCatalogue recounted = recount(drawn, items, sample.min_count, context);
  if (recounted.baskets == 0) return std::nullopt;
  Classes classes(std::move(drawn), recounted, task.kind, context);
  MiningTask trial = task;
  const auto above = [&](std::int64_t limit) {
    return [&, limit](std::int64_t min_count) {
      trial.keep = false;
      trial.min_count = min_count;
      trial.max_sets = limit;
      return classes.mine(trial).total > limit;
    };
  };
  if (!above(task.max_sets)(sample.min_count)) return std::nullopt;
  const std::int64_t widest = SupportSample::widest * task.max_sets;
  const SetDraw only(items, "sampled itemsets", std::max<std::int64_t>(1, widest / SupportSample::drawn));
  trial.min_count = least_support(sample.min_count - 1, above(widest));
  trial.max_sets = widest;
  trial.keep = true;
  trial.keep_only = &only;
  const Classes::Outcome candidates = classes.mine(trial);
  const ItemsetTable sets = gather_sets(candidates.sets, context.comm);
  return support_instead(candidates.total, count_sets(sets, mine, items, context), task.min_count, task.max_sets);
}

}  // namespace cohort
