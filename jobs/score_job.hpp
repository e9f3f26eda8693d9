// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/plan/forecast.hpp"
#include "jobs/plan/step_plan.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// A finished model on new data.
struct ScoreJob {
  struct Params {
    std::string model;
    std::string data = "features";
    void describe(Fields& f);
  };
  static constexpr std::string_view name = "score";
  static constexpr std::string_view summary = "Applies the model file of a finished step to other customers.";
  static constexpr std::string_view notes =
      "One pass over the rows, no communication. Cost and memory as the model's own output.";

  static std::vector<std::string> inputs(const Params& params, const std::filesystem::path& out);
  static StepResult run(const Params& params, const StepContext& step);
  static StepPlan plan(const Params& params, Forecast& forecast);
};

}  // namespace cohort
