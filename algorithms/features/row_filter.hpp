// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/column.hpp"

namespace cohort {

/// A test on one column: stored values within [low, high], or outside where negated; missing never passes.
struct RowFilter {
  std::size_t column = 0;
  std::int64_t low = std::numeric_limits<std::int64_t>::min() + 1, high = std::numeric_limits<std::int64_t>::max();
  std::vector<std::int64_t> codes;  ///< of a category: any of them, ascending; empty: the interval
  bool negated = false;

  [[nodiscard]] bool passes(std::int64_t value) const;
  bool operator==(const RowFilter&) const = default;
};
/// Reads "web", "web|shop", "!web" for a category (by its labels, sorted), "<0", ">=2.5", "10", "!10" for numbers and
/// dates. Throws Error(bad_config) naming `place`, and the nearest label.
[[nodiscard]] RowFilter parse_filter(const std::string& place, const Column& column,
                                     const std::vector<std::string>& labels, const std::string& text);

}  // namespace cohort
