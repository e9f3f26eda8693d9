// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/plan/forecast.hpp"
#include "jobs/plan/step_plan.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// What customers did in the days after a date, beside what was known of them on it.
struct LabelsJob {
  struct Params {
    std::string input, label = "churn";
    std::int64_t within_days = 90;
    std::string events = "transactions", time = "time", quantity = "quantity", price = "price";
    bool csv = true;
    void describe(Fields& f);
  };
  static constexpr std::string_view name = "labels";
  static constexpr std::string_view summary =
      "Adds to the features as of a date what each customer did in the days after it: a table to learn from.";
  static constexpr std::string_view notes =
      "One scan of the events, without communication. Features and label never share an event: those are of the days "
      "before the date, these of [date, date + within_days). Who had no event before the date is left out and "
      "counted. Memory: the tiles of the threads and one shard's results for each.";
  static StepResult run(const Params& params, const StepContext& step);
  static StepPlan plan(const Params& params, Forecast& forecast);
};

}  // namespace cohort
