// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/baskets/eclat.hpp"
#include "core/context.hpp"

namespace cohort {

/// Collective. The same sets as `Classes`, by Apriori (Agrawal and Srikant, VLDB 1994): level by level, every candidate
/// counted in every basket and the counts added over ranks. For teaching and checking; candidates are held on every
/// rank. Rank 0 returns the sets, the others none. Throws Error(plan_refused) when there are more than `max_sets`.
[[nodiscard]] ItemsetTable apriori(const Transactions& mine, const ItemCatalogue& items, const MiningTask& task,
                                   const Context& context);

}  // namespace cohort
