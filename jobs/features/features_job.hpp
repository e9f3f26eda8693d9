// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "algorithms/features/features.hpp"
#include "algorithms/features/windows.hpp"
#include "jobs/plan/forecast.hpp"
#include "jobs/plan/step_plan.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// What each customer did before a date.
struct FeaturesJob {
  struct Params : Features::Params {
    std::map<std::string, Window> windows;
    std::vector<std::string> also_as_of;
    bool csv = true;
    bool summary = true;
    void describe(Fields& f);
    void check(const ConfigNode& node) const;
  };
  static constexpr std::string_view name = "features";
  static constexpr std::string_view summary =
      "Computes recency, frequency, monetary value and their kin for each customer as of a date.";
  static constexpr std::string_view notes =
      "One linear scan of the events, which lie clustered by customer, without communication. Memory: the tiles of the "
      "threads and one shard's results.";

  static StepResult run(const Params& params, const StepContext& step);
  static StepPlan plan(const Params& params, Forecast& forecast);
};

}  // namespace cohort
