// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/config_node.hpp"
#include "jobs/plan/forecast.hpp"
#include "jobs/plan/step_plan.hpp"

namespace cohort {

/// What a step of this job with these keys will cost; adds what it leaves to the forecast. Empty for a job that does
/// not say.
[[nodiscard]] StepPlan plan_step(std::string_view job, const ConfigNode& keys, Forecast& forecast);

}  // namespace cohort
