// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/baskets/basket_groups.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// Collective. Counts the rules of a book by group, writes rule_groups.csv and adds figures and the largest differences
/// to the result.
void add_rule_groups(const GroupParams& params, const RuleBook& book, const ItemCatalogue& items,
                     const Baskets& baskets, const StepContext& step, StepResult& result);

}  // namespace cohort
