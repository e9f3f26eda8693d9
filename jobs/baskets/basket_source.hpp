// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "algorithms/baskets/transactions.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// Where a step finds its baskets.
struct BasketParams {
  std::string input = "dataset";
  std::string format = "store";
  std::string table = "transactions";
  std::string basket = "basket";
  std::string item = "item";
  std::string time = "time";

  void describe(Fields& f);
  /// Files to look at before a resume.
  [[nodiscard]] std::vector<std::string> inputs(const std::filesystem::path& out) const;
};

/// Baskets, and how their items are called.
struct Baskets {
  BasketPass pass;
  std::function<std::string(std::int64_t key)> label;
  bool numbers = true;  ///< items are whole numbers, so SPMF text can hold them
  Json sources = nullptr;
  std::shared_ptr<std::atomic<std::int64_t>> skipped;  ///< rows without basket or item that this rank's last pass met
};

/// Collective.
[[nodiscard]] Baskets open_baskets(const BasketParams& params, const StepContext& step);

/// Collective. Figures of the baskets that were read, for result.json.
[[nodiscard]] Json basket_metrics(const Baskets& baskets, const ItemCatalogue& items, Communicator& comm);

}  // namespace cohort
