// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/item_levels.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/error.hpp"

namespace cohort {
namespace {

/// The sets, in codes, that mix no levels.
ItemsetTable without_mixed(const ItemsetTable& found, const ItemLevels& levels, const ItemCatalogue& items) {
  ItemsetTable kept;
  std::vector<std::int32_t> ranks;
  for (std::int64_t s = 0; s < found.size(); ++s) {
    ranks.clear();
    for (const std::int32_t code : found[s]) ranks.push_back(items.rank_of[static_cast<std::size_t>(code)]);
    if (!levels.mixes(ranks)) kept.add(found[s], found.counts[static_cast<std::size_t>(s)]);
  }
  return kept;
}

}  // namespace

ItemLevels::ItemLevels(const ItemCatalogue& items, const ItemParents& parents) {
  if (!parents) return;
  std::map<std::int64_t, std::int32_t> rank_of_key;
  for (std::size_t code = 0; code < items.keys.size(); ++code) rank_of_key[items.keys[code]] = items.rank_of[code];
  related_.resize(items.keys.size());
  for (const auto& [key, rank] : rank_of_key) {
    for (const std::int64_t parent : parents(key)) {
      const auto above = rank_of_key.find(parent);
      if (above == rank_of_key.end()) continue;
      related_[static_cast<std::size_t>(rank)].push_back(above->second);
      related_[static_cast<std::size_t>(above->second)].push_back(rank);
    }
  }
  for (std::vector<std::int32_t>& list : related_) std::sort(list.begin(), list.end());
}

bool ItemLevels::mixes(std::span<const std::int32_t> set) const {
  if (related_.empty()) return false;
  return std::ranges::any_of(set, [&](std::int32_t item) {
    const std::vector<std::int32_t>& related = related_[static_cast<std::size_t>(item)];
    return std::ranges::any_of(set, [&](std::int32_t other) { return std::ranges::binary_search(related, other); });
  });
}

std::int64_t ItemLevels::related_to(std::span<const std::int32_t> set) const {
  if (related_.empty()) return 0;
  std::set<std::int32_t> all;
  for (const std::int32_t item : set) {
    const std::vector<std::int32_t>& related = related_[static_cast<std::size_t>(item)];
    all.insert(related.begin(), related.end());
  }
  return std::ssize(all);
}

Itemsets::Model fit_levels(const Itemsets::Params& params, const BasketPass& baskets, const Context& context,
                           const ItemParents& parents) {
  if (!parents) return Itemsets::fit(params, baskets, context);
  if (params.kind != "frequent" || params.top_k != 0) {
    throw Error(ExitCode::bad_config, "level all mines frequent sets: every category would close or top its items",
                "remove kind and top_k, or mine one level");
  }
  Itemsets::Mined mined = Itemsets::mine(params, baskets, context);
  const ItemLevels levels(mined.items, parents);
  std::array<std::int64_t, 1> total{};
  for (ItemsetTable& sets : mined.sets) {
    sets = without_mixed(sets, levels, mined.items);
    total[0] += sets.size();
  }
  context.comm.all_reduce(total, {});
  SortedItemsets found = sort_itemsets(std::move(mined.sets), mined.items, context);
  return {std::move(mined.items), std::move(found), mined.min_count, total[0]};
}

}  // namespace cohort
