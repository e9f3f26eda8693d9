// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/segments/lifecycle.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// Lifecycle states, and how customers moved between them from one date to another.
struct LifecycleJob {
  struct Params : PurchaseColumns, Lifecycle::Params {
    std::string as_of, from;
    std::int64_t top = 20;
    void describe(Fields& f);
    void check(const ConfigNode& node) const;
  };
  static constexpr std::string_view name = "lifecycle";
  static constexpr std::string_view summary =
      "Says who is new, active, at risk, lapsed or back, and how customers moved between two dates.";
  static constexpr std::string_view notes =
      "One scan of the events for both dates; 36 counts travel. Memory: one shard's results for each thread.";

  static StepResult run(const Params& params, const StepContext& step);
};

}  // namespace cohort
