// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/linear/design_matrix.hpp"
#include "core/context.hpp"

namespace cohort {

/// How many used rows have each level of each category together with each label: where there is none, a coefficient may
/// have no finite optimum.
class LevelLabels {
 public:
  /// Collective. One pass. Labels are at least 0 and count as the next whole number; those from `classes` - 1 on count
  /// as one.
  LevelLabels(std::int64_t classes, const LabelledRows& rows, const DesignMatrix& design, const Context& context);

  /// Whether term `t` is a level that no row has with this label.
  [[nodiscard]] bool never(std::size_t t, std::int64_t label) const {
    return is_level_[t] != 0 && rows_[t * classes_ + static_cast<std::size_t>(label)] == 0;
  }

 private:
  std::size_t classes_;
  std::vector<std::uint8_t> is_level_;
  std::vector<std::int64_t> rows_;  ///< term by term
};

}  // namespace cohort
