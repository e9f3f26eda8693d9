// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/repartition.hpp"
#include "jobs/ingest/balance_sheet.hpp"
#include "jobs/ingest/row_parser.hpp"

namespace cohort {

/// Collective. Brings equal digests together and charges every row but the first of each set of equal ones to its
/// table's duplicates rule; where that rule stands before the one that would have removed the row, it takes the charge.
void count_duplicates(const Context& context, Repartition& digests, const std::vector<TablePlan>& plans,
                      std::vector<BalanceSheet>& sheets);

/// Whether a table's duplicates rule removes rows.
[[nodiscard]] bool drops_duplicates(const TablePlan& plan);

}  // namespace cohort
