// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "io/store/manifest.hpp"
#include "jobs/ingest/balance_sheet.hpp"
#include "jobs/ingest/table_plan.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// The balance sheets of all tables as one, and the rows that each table keeps.
void tell_rows(const std::vector<TablePlan>& plans, const std::vector<BalanceSheet>& sheets, StepResult& result);

/// The files that were read, as result.json lists them.
[[nodiscard]] Json listed(const std::vector<Source>& sources);

}  // namespace cohort
