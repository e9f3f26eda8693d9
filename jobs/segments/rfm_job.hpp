// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/segments/rfm.hpp"
#include "jobs/plan/forecast.hpp"
#include "jobs/plan/step_plan.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// Scores and named segments by recency, frequency and monetary value.
struct RfmJob {
  struct Params : Rfm::Params {
    std::string input = "features";
    void describe(Fields& f);
  };
  static constexpr std::string_view name = "rfm";
  static constexpr std::string_view summary =
      "Scores customers by recency, frequency and monetary value and gives them the usual named segments.";
  static constexpr std::string_view notes =
      "Cuts are exact quantiles over all ranks (four passes of 16 bits each) or given. Cost: rows. Memory: "
      "histograms of 0.5 MiB a column and thread.";

  static StepResult run(const Params& params, const StepContext& step);
  static StepPlan plan(const Params& params, Forecast& forecast);
};

}  // namespace cohort
