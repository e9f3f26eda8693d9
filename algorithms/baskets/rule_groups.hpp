// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "algorithms/baskets/rules_matcher.hpp"

namespace cohort {

/// Takes one basket and the key of its group, `missing_int64` for none; called from several threads.
using GroupSink = std::function<void(int worker, std::int64_t group, std::span<const std::int64_t> items)>;
/// Local. Hands each basket of this rank to the sink once.
using GroupedPass = std::function<void(const GroupSink&)>;

/// Rules in groups of baskets (stores, segments, months): do those who buy X buy y as often in a group as elsewhere?
struct RuleGroups {
  static constexpr std::int64_t most_groups = 10'000;

  /// A rule in a group against the baskets of all other groups.
  struct Line {
    std::int64_t rule = 0, group = 0;  ///< in the book; in `keys`
    RuleCounts inside, outside;
    double p_value = 1, q_value = 1;  ///< of Fisher's exact test of equal confidence, two-sided; q over all lines
  };

  std::vector<std::int64_t> keys;  ///< of the groups, ascending
  std::vector<Line> lines;         ///< of this rank's rules, by rule and group; only groups with the left side
  std::int64_t total = 0;          ///< lines of all ranks
  std::int64_t without_group = 0;  ///< baskets

  /// Collective. Two passes. The lines of rule r are on the rank that owns piece r / rules_per_piece, dealt in turn.
  /// Throws Error(bad_config) for more than `most_groups` groups, Error(plan_refused) where the counts, 8 bytes for
  /// each rule, side and group and thread, take more than a quarter of memory_per_rank.
  static RuleGroups fit(const RuleBook& book, const ItemCatalogue& items, const GroupedPass& pass,
                        const Context& context);
  static constexpr std::int64_t rules_per_piece = 4096;
};

}  // namespace cohort
