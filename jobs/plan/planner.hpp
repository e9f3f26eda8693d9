// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "jobs/plan/forecast.hpp"
#include "jobs/plan/step_plan.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// What each step of a job will cost, in order, from metadata and samples alone.
[[nodiscard]] std::vector<StepPlan> plan_steps(std::span<const StepEntry> steps, Forecast forecast);

/// A plan beside what came of it, for run.json: {"memory_bytes": {"planned": ..., "actual": ...}, ...}. `record` is the
/// step's run.json so far, `folder` holds what it leaves.
[[nodiscard]] Json plan_against_actual(const StepPlan& plan, const StepResult& result, const Json& record,
                                       const std::filesystem::path& folder, const std::filesystem::path& dataset);

/// What `cohort plan` was asked.
struct PlanOptions {
  std::string job_path;
  std::filesystem::path out;
  std::vector<std::string> assignments;
  std::int64_t ranks = 0, threads = 0;  ///< 0: one rank; as the job file says, else the cores shared among the ranks
};

/// The plan of a job file: a line a step as text, the same as a document, and why it is refused, if it is.
struct JobPlan {
  std::string table;
  Json document;
  std::string refusal, next;
};
[[nodiscard]] JobPlan plan_job(const PlanOptions& options);

}  // namespace cohort
