// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/baskets/eclat.hpp"
#include "core/context.hpp"

namespace cohort {

/// Which rank mines which part of the search, in rounds that fit the memory. Equal on all ranks.
struct ClassPlan {
  std::int64_t rounds = 1;
  std::vector<std::vector<MiningUnit>> groups;  ///< group g is mined by rank g mod ranks in round g / ranks
};

/// Collective. Parts by estimated cost, the dearest first to the group with the least; as many rounds as it takes that
/// no rank holds more than a quarter of its memory in baskets of others.
[[nodiscard]] ClassPlan plan_classes(const Transactions& mine, const ItemCatalogue& items, ItemsetKind kind,
                                     const Context& context);

/// The classes of the plan with their baskets, ready to be mined any number of times.
class Classes {
 public:
  /// Collective. Takes the baskets of this rank; `items` and `context` outlive this.
  Classes(Transactions mine, const ItemCatalogue& items, ItemsetKind kind, const Context& context);

  struct Outcome {
    std::vector<ItemsetTable> sets;  ///< of this rank, in codes; empty if the task only counts
    std::int64_t total = 0;          ///< over all ranks; above the task's max_sets means "more", not how many
  };
  /// Collective. `task.min_count` is at least the catalogue's.
  [[nodiscard]] Outcome mine(const MiningTask& task);

 private:
  [[nodiscard]] std::span<const MiningUnit> units_of(std::int64_t round, int rank) const;
  void hold(std::int64_t round);
  [[nodiscard]] Transactions ship(std::int64_t round) const;
  void mine_round(const MiningTask& task, std::int64_t round, Outcome& outcome) const;

  Transactions mine_;  ///< gone once no later round needs it
  const ItemCatalogue& items_;
  const Context& context_;
  bool whole_baskets_;
  ClassPlan plan_;
  std::int64_t held_round_ = -1;
  std::optional<ClassBaskets> held_;
};

}  // namespace cohort
