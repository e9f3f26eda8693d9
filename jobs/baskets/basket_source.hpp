// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "algorithms/baskets/transactions.hpp"
#include "jobs/baskets/item_map.hpp"
#include "jobs/baskets/store_baskets.hpp"
#include "jobs/plan/forecast.hpp"
#include "jobs/plan/step_plan.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// Where a step finds its baskets.
struct BasketParams {
  std::string input = "dataset";
  std::string format = "store";
  StoreBasketParams store;
  ItemParams items;

  void describe(Fields& f);
  /// Throws Error(bad_config) for keys that do not go together.
  void check() const;
  /// Files to look at before a resume.
  [[nodiscard]] std::vector<std::string> inputs(const std::filesystem::path& out) const;
};

/// Baskets, and how their items are called.
struct Baskets {
  BasketPass pass;
  std::shared_ptr<const StoreBaskets> store;  ///< format store: the same baskets with whose they are
  std::shared_ptr<const ItemMap> items;
  ItemParents parents;  ///< where levels are mined together: the keys of an item's categories
  bool numbers = true;  ///< items are whole numbers, so SPMF text can hold them as they are
  Json sources = nullptr;
  std::shared_ptr<BasketRows> rows;  ///< of this rank's last pass

  [[nodiscard]] std::string label(std::int64_t key) const { return items->label(key); }
};

/// Collective. `group` names a column of the event table that `store` hands over with each basket; empty: none.
[[nodiscard]] Baskets open_baskets(const BasketParams& params, const StepContext& step, const std::string& group = {});

/// Collective. Figures of the baskets that were read, for result.json.
[[nodiscard]] Json basket_metrics(const Baskets& baskets, const ItemCatalogue& items, Communicator& comm);

/// What mining them takes in memory: what is found, and how long it takes, only the support decides. An event of a
/// store takes a rank `event_bytes`: its code, and its part of the copies that other ranks mine.
[[nodiscard]] StepPlan plan_baskets(const BasketParams& params, Forecast& forecast, double event_bytes = 8);

}  // namespace cohort
