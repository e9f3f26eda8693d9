// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/baskets/item_levels.hpp"
#include "jobs/baskets/basket_source.hpp"
#include "jobs/plan/forecast.hpp"
#include "jobs/plan/step_plan.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// Sets of items that are bought together.
struct ItemsetsJob {
  struct Params {
    BasketParams source;
    Itemsets::Params mining;
    void describe(Fields& f);
    void check(const ConfigNode& node) const;
  };
  static constexpr std::string_view name = "itemsets";
  static constexpr std::string_view summary =
      "Finds all sets of items that enough baskets hold: frequent, closed or maximal.";
  static constexpr std::string_view notes =
      "Eclat on bit matrices with LCM's occurrence deliver and closure test (Zaki 2000; Uno et al. 2004). Items are "
      "counted by hash, then each rank mines the sets whose rarest item is its own; baskets travel once. Memory: the "
      "baskets in 4 bytes an item, on each rank those with its items.";

  static std::vector<std::string> inputs(const Params& params, const std::filesystem::path& out);
  static StepResult run(const Params& params, const StepContext& step);
  static StepPlan plan(const Params& params, Forecast& forecast);
};

/// Collective. A table of result.json: how many sets there are of each length.
[[nodiscard]] ResultTable lengths_table(const SortedItemsets& found, Communicator& comm);
/// "bread|butter": labels in the order of the items' keys.
[[nodiscard]] std::string labels_of(std::span<const std::int32_t> set, const ItemCatalogue& items,
                                    const Baskets& baskets);
/// An item in SPMF's text: itself where items are whole numbers, else its number among the frequent items, from 1.
[[nodiscard]] std::string spmf_item(std::int32_t item, const ItemCatalogue& items, const Baskets& baskets);
/// What SPMF's text begins with: where items are labels, a line for each that says which number stands for it.
[[nodiscard]] std::string spmf_header(const ItemCatalogue& items, const Baskets& baskets);
/// This rank's pieces of the table of all sets.
[[nodiscard]] std::vector<int> pieces_of_rank(const SortedItemsets& found, int rank);
/// Sets [begin, end) of this rank that make one of its pieces.
[[nodiscard]] std::pair<std::int64_t, std::int64_t> sets_of_piece(const SortedItemsets& found, int rank, int piece);

}  // namespace cohort
