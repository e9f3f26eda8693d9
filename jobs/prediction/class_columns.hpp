// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/column.hpp"

namespace cohort {

/// Labels in order of their bytes, as a dictionary has them, and the number by which each of those given is there.
struct LabelCodes {
  explicit LabelCodes(const std::vector<std::string>& labels);
  std::vector<std::string> sorted;
  std::vector<std::int32_t> codes;
};

/// The columns of the probabilities of classes, probability_CLASS; a class whose name could not be a part of a column's
/// is told by its number.
[[nodiscard]] std::vector<Column> probability_columns(const std::vector<std::string>& classes);

}  // namespace cohort
