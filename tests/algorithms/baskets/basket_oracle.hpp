// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "algorithms/baskets/transactions.hpp"
#include "core/random.hpp"

namespace cohort::testing {

using Basket = std::vector<std::int64_t>;
using CountedSets = std::map<Basket, std::int64_t>;

/// Small baskets at random: items of low number are common, some baskets repeat items, some are empty.
inline std::vector<Basket> random_baskets(std::uint64_t seed, std::int64_t baskets, std::int64_t items,
                                          std::int64_t longest) {
  std::vector<Basket> made;
  for (std::int64_t b = 0; b < baskets; ++b) {
    RandomStream random(seed, "baskets", static_cast<std::uint64_t>(b));
    Basket basket;
    const std::int64_t length = random.below(longest + 1);
    for (std::int64_t i = 0; i < length; ++i) basket.push_back(3 * std::min(random.below(items), random.below(items)));
    made.push_back(std::move(basket));
  }
  return made;
}

/// Every subset of every basket, counted; then what is frequent, and of that what the kind asks for.
inline CountedSets mine_naively(const std::vector<Basket>& baskets, std::int64_t min_count, const std::string& kind) {
  CountedSets all;
  for (const Basket& basket : baskets) {
    const std::set<std::int64_t> unique(basket.begin(), basket.end());
    const Basket items(unique.begin(), unique.end());
    for (std::uint64_t mask = 1; mask < std::uint64_t{1} << items.size(); ++mask) {
      Basket subset;
      for (std::size_t i = 0; i < items.size(); ++i) {
        if ((mask >> i & 1) != 0) subset.push_back(items[i]);
      }
      ++all[subset];
    }
  }
  std::erase_if(all, [&](const auto& entry) { return entry.second < min_count; });
  CountedSets kept;
  for (const auto& [set, count] : all) {
    bool keep = true;
    for (const auto& [other, other_count] : all) {
      const bool above = other.size() > set.size() && std::ranges::includes(other, set);
      if (above && (kind == "maximal" || (kind == "closed" && other_count == count))) keep = false;
    }
    if (keep) kept.emplace(set, count);
  }
  return kept;
}

/// Each rank's share of the baskets.
inline BasketPass pass_over(const std::vector<Basket>& baskets, const Context& context) {
  return [&baskets, &context](const BasketSink& sink) {
    for (std::size_t b = 0; b < baskets.size(); ++b) {
      if (static_cast<int>(b % static_cast<std::size_t>(context.comm.size())) == context.comm.rank())
        sink(static_cast<int>(b) % context.threads, static_cast<std::int64_t>(b), baskets[b]);
    }
  };
}

}  // namespace cohort::testing
