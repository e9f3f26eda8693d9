// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/baskets/rules.hpp"

namespace cohort {

/// Rules on every rank, to apply to baskets: the model is small, the baskets stay where they are. Sides are codes of
/// the catalogue.
struct RuleBook {
  ItemsetTable antecedents;  ///< rule r's left side, ascending codes; its count is that of the side
  std::vector<std::int32_t> consequents;
  std::vector<RuleCounts> counts;
  std::vector<double> q_values;

  [[nodiscard]] std::int64_t size() const { return std::ssize(consequents); }
};

/// Collective. All ranks' rules on every rank, in the order of the table. Throws Error(plan_refused) on all ranks when
/// they take more than a quarter of memory_per_rank.
[[nodiscard]] RuleBook gather_rules(const Rules::Model& model, const Context& context);

/// Finds the rules whose left side a set of items holds: each rule waits at its rarest item, so a set looks only at
/// rules that one of its items is the rarest of.
class RuleMatcher {
 public:
  RuleMatcher(const RuleBook& book, std::int32_t items);

  /// What one thread needs: a mark an item, all clear between calls.
  struct Marks {
    std::vector<char> held;
  };
  [[nodiscard]] Marks marks() const { return {std::vector<char>(waiting_.size(), 0)}; }

  /// Calls take(rule) for each rule whose left side is in `set` (codes without repeats), in no order.
  template <class Take>
  void match(std::span<const std::int32_t> set, Marks& marks, const Take& take) const {
    for (const std::int32_t item : set) marks.held[static_cast<std::size_t>(item)] = 1;
    for (const std::int32_t rule : always_) take(rule);
    for (const std::int32_t item : set) {
      for (const std::int32_t rule : waiting_[static_cast<std::size_t>(item)]) {
        if (holds(marks, book_->antecedents[rule])) take(rule);
      }
    }
    for (const std::int32_t item : set) marks.held[static_cast<std::size_t>(item)] = 0;
  }

 private:
  [[nodiscard]] static bool holds(const Marks& marks, std::span<const std::int32_t> side) {
    for (const std::int32_t item : side) {
      if (marks.held[static_cast<std::size_t>(item)] == 0) return false;
    }
    return true;
  }

  const RuleBook* book_;
  std::vector<std::vector<std::int32_t>> waiting_;  ///< rules by the rarest item of their left side
  std::vector<std::int32_t> always_;                ///< rules with nothing on the left
};

}  // namespace cohort
