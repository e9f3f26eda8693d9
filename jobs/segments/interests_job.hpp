// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/segments/interests.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// Customers by the category of goods they spend most on.
struct InterestsJob {
  struct Params : Interests::Params {
    std::string as_of;
    void describe(Fields& f);
    void check(const ConfigNode& node) const;
  };
  static constexpr std::string_view name = "interests";
  static constexpr std::string_view summary =
      "Segments customers by the category that takes the largest share of their spend.";
  static constexpr std::string_view notes =
      "One scan of the events, without communication but for two sums a category. Memory: 9 bytes a category and 24 a "
      "customer of one shard for each thread.";

  static StepResult run(const Params& params, const StepContext& step);
};

}  // namespace cohort
