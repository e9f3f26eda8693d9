// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/linear/design_matrix.hpp"
#include "core/context.hpp"

namespace cohort {

/// In how many used rows each level of each category is met.
struct LevelCounts {
  std::vector<std::int64_t> levels;  ///< feature after feature
  std::vector<std::size_t> first;    ///< of each feature, and the end

  [[nodiscard]] std::span<const std::int64_t> of(std::size_t feature) const {
    return std::span(levels).subspan(first[feature], first[feature + 1] - first[feature]);
  }
};

/// Collective. A pass over the rows where there are categories.
[[nodiscard]] LevelCounts count_levels(const LabelledRows& rows, const Context& context);

}  // namespace cohort
