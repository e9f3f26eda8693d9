// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/features/purchases.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// Retention by acquisition cohort.
struct CohortsJob {
  struct Params : PurchaseColumns {
    std::string period = "month";
    std::string as_of;
    void describe(Fields& f);
  };
  static constexpr std::string_view name = "cohorts";
  static constexpr std::string_view summary =
      "Follows customers by the period of their first purchase: who stays, what they spend, who buys again.";
  static constexpr std::string_view notes =
      "Two scans of the events (times alone, then all) and one all-reduce of 4 P^2 integers for P periods. Everything "
      "is counted exactly. Memory: P^2 x 32 bytes for each thread.";

  static StepResult run(const Params& params, const StepContext& step);
};

}  // namespace cohort
