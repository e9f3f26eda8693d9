// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/segments/concentration.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// How revenue is spread over customers.
struct ConcentrationJob {
  struct Params : Concentration::Params {
    std::string input = "features", value = "monetary";
    std::int64_t top = 20;
    void describe(Fields& f);
    void check(const ConfigNode& node) const;
  };
  static constexpr std::string_view name = "concentration";
  static constexpr std::string_view summary =
      "Says how few customers bring most of the revenue: Pareto's curve, ABC classes, Gini's coefficient, the best.";
  static constexpr std::string_view notes =
      "Exact: values travel once, 8 bytes each, to one of 64 ranges between exact quantiles and are sorted there; "
      "however many equal values there are, they do not travel. Memory: a quarter of memory_per_rank, beyond that a "
      "file.";

  static StepResult run(const Params& params, const StepContext& step);
};

}  // namespace cohort
