// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/baskets/itemsets.hpp"

namespace cohort {

/// Which frequent items lie above or below each other in a taxonomy (Srikant and Agrawal, "Mining Generalized
/// Association Rules", VLDB 1995). Items are ranks of the catalogue.
class ItemLevels {
 public:
  /// A null `parents` relates nothing.
  ItemLevels(const ItemCatalogue& items, const ItemParents& parents);

  /// Whether a set holds an item and a category of it, which adds nothing to the set without the category.
  [[nodiscard]] bool mixes(std::span<const std::int32_t> set) const;
  /// How many items lie above or below one of the set's, which holds none of them.
  [[nodiscard]] std::int64_t related_to(std::span<const std::int32_t> set) const;

 private:
  std::vector<std::vector<std::int32_t>> related_;  ///< by rank, ascending; empty: nothing is related
};

/// Collective. As Itemsets::fit; with `parents` without the sets that hold an item and a category of it.
/// `max_itemsets` counts these too.
[[nodiscard]] Itemsets::Model fit_levels(const Itemsets::Params& params, const BasketPass& baskets,
                                         const Context& context, const ItemParents& parents);

}  // namespace cohort
