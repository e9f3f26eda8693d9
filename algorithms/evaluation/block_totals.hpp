// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/context.hpp"

namespace cohort {

/// Collective. Element-wise sums of what each block of each rank found, where no bound is known beforehand: the largest
/// part of each element is agreed on first, then the sums are exact. `parts`: this rank's blocks, all of length `size`.
[[nodiscard]] std::vector<double> block_totals(const std::vector<std::vector<double>>& parts, std::size_t size,
                                               const Context& context);

}  // namespace cohort
