// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "algorithms/statistics/matrix.hpp"
#include "core/context.hpp"

namespace cohort {

/// Collective. Rows of `columns` numbers that add(worker, block, rows) appends for each of this rank's blocks, from all
/// ranks on every rank, sorted lexicographically: so their order tells nothing of ranks and threads. For few rows.
[[nodiscard]] Matrix gather_rows(
    const Context& context, std::int64_t blocks, std::int64_t columns,
    const std::function<void(int worker, std::int64_t block, std::vector<double>& rows)>& add);

}  // namespace cohort
