// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/segments/kmeans.hpp"
#include "jobs/plan/forecast.hpp"
#include "jobs/plan/step_plan.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// Segments by k-means.
struct KMeansJob {
  struct Params : KMeans::Params {
    std::string input = "features";
    void describe(Fields& f);
  };
  static constexpr std::string_view name = "kmeans";
  static constexpr std::string_view summary =
      "Segments customers by k-means and profiles each segment against all customers.";
  static constexpr std::string_view notes =
      "Lloyd's iterations (IEEE TIT 1982) from k-means|| (Bahmani et al., VLDB 2012) or given centres; one "
      "all-reduce of k (d + 1) exact sums an iteration. Cost: rows x k x d an iteration. Memory: the scaled columns "
      "if they fit memory_per_rank, else they are read again in every pass.";

  static StepResult run(const Params& params, const StepContext& step);
  static StepPlan plan(const Params& params, Forecast& forecast);
};

}  // namespace cohort
