// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "algorithms/baskets/itemsets_table.hpp"
#include "core/communicator.hpp"

namespace cohort {

/// What is known of a set, where it is kept: values to add to the answer.
using SubsetAnswer = std::function<void(std::int64_t set, std::vector<double>& answer)>;
/// Takes the answer about one of my sets without the item at `position`; empty where it was not found.
using SubsetTake = std::function<void(std::int64_t set, std::int32_t position, std::span<const double> answer)>;

/// Collective. For each of my sets [begin, end), which differ between ranks, and each of its items, asks the rank that
/// keeps the set without the item. In batches; two exchanges each.
void ask_subsets(Communicator& comm, const SortedItemsets& found, std::int64_t begin, std::int64_t end,
                 const SubsetAnswer& answer, const SubsetTake& take);

}  // namespace cohort
