// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "algorithms/baskets/rule_groups.hpp"
#include "jobs/baskets/basket_source.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// What puts baskets into groups.
struct GroupParams {
  std::string by;
  std::string by_in = "events";

  void describe(Fields& f);
  /// The column of the event table that a pass over the baskets has to read; empty: none.
  [[nodiscard]] std::string event_column(const std::string& time) const;
};

/// Baskets with the keys of their groups, and what these are called.
struct BasketGroups {
  GroupedPass pass;
  std::function<std::string(std::int64_t key)> label;
};

/// Collective. Groups of a store's baskets, opened with `event_column`: by what the basket's first event says, by its
/// month, quarter or year, or by what a table of customers says. Throws Error(bad_config) for columns that make no
/// groups and tables of other customers.
[[nodiscard]] BasketGroups group_baskets(const GroupParams& params, const Baskets& baskets, const StepContext& step);

}  // namespace cohort
