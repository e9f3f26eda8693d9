// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace cohort {

/// A row whose label is known, and what a model said of it.
struct JudgedRow {
  double prediction = 0;  ///< a number, or the probability of a yes
  double label = 0;       ///< of a classifier: 1 or 0
  double weight = 1;      ///< above 0
  std::uint64_t key = 0;  ///< of the customer: a bootstrap draws by it
};

/// This rank's, block by block.
using JudgedRows = std::vector<std::vector<JudgedRow>>;

}  // namespace cohort
