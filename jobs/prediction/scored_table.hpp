// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "io/store/dictionaries.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// The columns of scores of a shard's customers, whose rows are the blocks [begin, end) of this rank's table.
using ScoresOfBlocks = std::function<std::vector<ColumnData>(std::int64_t begin, std::int64_t end)>;

/// Collective. Writes a step's table and scores.csv: the id of each customer, and `columns` beside it. Shards are
/// scored side by side.
void write_scored_table(const StepContext& step, const CustomerRows& rows, const std::vector<Column>& columns,
                        const std::vector<Dictionary>& dictionaries, const ScoresOfBlocks& score);

}  // namespace cohort
