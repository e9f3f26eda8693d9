// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "algorithms/baskets/eclat.hpp"
#include "algorithms/baskets/support_guard.hpp"
#include "algorithms/baskets/transactions.hpp"
#include "core/context.hpp"

namespace cohort {

/// Collective. The support to ask for instead where a sample shows that `task` would find more than its max_sets;
/// nothing where it does not. The sample is mined as all baskets would be. Sets closed in a sample are closed in all
/// baskets, so it holds for these too; maximal ones are not looked at, since in a sample other sets are maximal.
[[nodiscard]] std::optional<std::int64_t> support_by_sample(const Transactions& mine, Transactions drawn,
                                                            const ItemCatalogue& items, const MiningTask& task,
                                                            const SupportSample& sample, const Context& context);

}  // namespace cohort
