// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/statistics/profile.hpp"
#include "core/block.hpp"
#include "core/context.hpp"

namespace cohort {

/// Value of a column at most, or above, a cut.
struct RuleCondition {
  std::size_t column = 0;
  double cut = 0;
  bool above = false;

  /// Missing meets no condition.
  [[nodiscard]] bool met(double x) const { return above ? x > cut : x <= cut; }
};

/// A segment in at most three conditions, all of which must hold, and how well they tell it from the others.
struct SegmentRule {
  std::vector<RuleCondition> conditions;
  std::int64_t matched = 0, hits = 0, size = 0;  ///< rows that meet it; those of the segment among them; the segment

  [[nodiscard]] double precision() const;  ///< hits / matched; NaN for 0
  [[nodiscard]] double recall() const;     ///< hits / size; NaN for 0
  [[nodiscard]] double f1() const { return 2.0 * static_cast<double>(hits) / static_cast<double>(matched + size); }
  /// "monetary > 1,200 and recency_days <= 30"; empty without conditions.
  [[nodiscard]] std::string text(const std::vector<std::string>& columns) const;
};

/// Collective. For each segment a rule found greedily: each condition is the one that raises F1 most, over 31 quantiles
/// of each column rounded to three digits; equal ones go to the first column, the lower cut, `<=`. Counts are exact.
[[nodiscard]] std::vector<SegmentRule> describe_segments(const NumericTable& table, std::int64_t segments,
                                                         const Labeller& labels_of, const Context& context);

}  // namespace cohort
