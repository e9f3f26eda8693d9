// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "core/context.hpp"
#include "jobs/ingest/label_codes.hpp"
#include "jobs/ingest/row_parser.hpp"
#include "jobs/ingest/shard_builder.hpp"

namespace cohort {

/// What the parsers of this rank, by worker and table, have counted for rules that compare rows.
struct CountedRules {
  const std::vector<TablePlan>& plans;
  const std::vector<std::deque<RowParser>>& parsers;
  const LabelCodes& labels;
};

/// Collective. Adds the rules that compare rows to their layouts, each with what it needs of the values of all ranks.
/// Every rank holds all counts: throws Error(plan_refused) where they take more than `memory` bytes.
void learn_steps(const Context& context, const CountedRules& counted, std::int64_t memory,
                 std::vector<TableLayout>& layouts);

}  // namespace cohort
