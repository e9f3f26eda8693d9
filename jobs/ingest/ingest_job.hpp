// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "jobs/ingest/ingest_params.hpp"
#include "jobs/plan/forecast.hpp"
#include "jobs/plan/step_plan.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// Delimited text -> a dataset clustered by customer.
struct IngestJob {
  using Params = IngestParams;
  static constexpr std::string_view name = "ingest";
  static constexpr std::string_view summary =
      "Reads CSV files, cleans their rows and clusters them by customer into a dataset.";
  static constexpr std::string_view notes =
      "Two passes over the text (where records start, then their values) and one all-to-all of the kept rows; rows "
      "that do not fit the memory wait on disk. A CSV means what Python's csv module reads. Memory: "
      "run.memory_per_rank; disk: the kept rows once, about 50 bytes each, while it runs.";

  static std::vector<std::string> inputs(const Params& params, const std::filesystem::path& out);
  static StepResult run(const Params& params, const StepContext& step);
  static StepPlan plan(const Params& params, Forecast& forecast);

  static constexpr double rows_share = 0.5;  ///< of memory_per_rank, for rows on their way
  /// `asked` if that is not 0, else by the text's size.
  [[nodiscard]] static std::int32_t shard_count(std::int64_t asked, std::int64_t text_bytes);
};

}  // namespace cohort
