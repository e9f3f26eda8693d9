// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "algorithms/statistics/profile.hpp"
#include "io/store/shard_writer.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/plan/forecast.hpp"
#include "jobs/plan/step_plan.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// How a model labels customers, for whoever writes the labels down.
struct Segmentation {
  std::vector<std::string> inputs;  ///< columns of the table the model looks at
  std::vector<std::string> names;   ///< of the segments, by number; empty: made from the profile
  std::vector<Column> columns;      ///< beside segment and segment_name: e.g. distance
  /// Labels of a block of `inputs`, -1 for none, and the other columns' values.
  std::function<std::vector<std::int32_t>(const NumericBlock&, std::vector<ColumnValues>* others)> label;
  std::int64_t segments = 0;
};

/// Collective. Profiles the segments by every numeric column of the rows, writes them as a table and as segments.csv
/// (columns of conventions: customer_id, as_of, segment, segment_name, ...), and returns the tables of the report.
[[nodiscard]] std::vector<ResultTable> write_segments(const StepContext& step, const CustomerRows& rows,
                                                      const Segmentation& segmentation, Json& metrics);

/// What labelling the rows of `input` and writing them costs, where the table is known.
[[nodiscard]] StepPlan plan_segments(Forecast& forecast, const std::string& input);

}  // namespace cohort
