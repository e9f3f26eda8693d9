// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/baskets/eclat.hpp"
#include "algorithms/baskets/itemsets_table.hpp"
#include "algorithms/baskets/transactions.hpp"
#include "core/context.hpp"
#include "core/fields.hpp"

namespace cohort {

/// Sets of items that many baskets hold, all of them and exactly. Each rank mines the sets whose rarest item is one of
/// its own, on the baskets with these items, which travel once; see README.md, "Itemsets".
struct Itemsets {
  struct Params {
    std::string min_support = "0.01";
    std::string kind = "frequent";
    std::string algorithm = "auto";
    std::int64_t max_len = 0;
    std::int64_t max_itemsets = 10'000'000;
    std::int64_t top_k = 0;

    void describe(Fields& f);
    /// Throws Error(bad_config) for values that do not go together.
    void check() const;
    [[nodiscard]] ItemsetKind itemset_kind() const;
  };

  /// What the search leaves on each rank.
  struct Mined {
    ItemCatalogue items;
    std::vector<ItemsetTable> sets;  ///< those this rank found, in codes, in no order
    std::int64_t min_count = 1;      ///< as used: above the catalogue's for top_k
    std::int64_t total = 0;          ///< sets over all ranks
  };
  /// The same in order.
  struct Model {
    ItemCatalogue items;
    SortedItemsets found;
    std::int64_t min_count = 1, total = 0;
  };

  /// Collective. The search alone; without `keep` it only counts. Throws as fit.
  static Mined mine(const Params& params, const BasketPass& baskets, const Context& context, bool keep = true);
  /// Collective. Throws Error(plan_refused) on all ranks when there are more than `max_itemsets` sets, naming the least
  /// support that would fit, or when the baskets do not fit the memory.
  static Model fit(const Params& params, const BasketPass& baskets, const Context& context);
};

}  // namespace cohort
