// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "io/report/report_text.hpp"

namespace cohort {

/// Takes small cells out of the tables of a result: where a column named customers, active or matched counts from 1 to
/// min_cell - 1, it reads "<10" and the numbers to its right in the row with it; so do rows of other tables that name a
/// segment whose count was taken out. Tables that name single customers lose their rows, and columns
/// min, max and least_value their numbers: each is one customer's.
void suppress_small_cells(Json& result, std::int64_t min_cell, const ReportWords& words);

}  // namespace cohort
