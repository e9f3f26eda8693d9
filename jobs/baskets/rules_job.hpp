// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/baskets/rules.hpp"
#include "jobs/baskets/basket_groups.hpp"
#include "jobs/plan/forecast.hpp"
#include "jobs/plan/step_plan.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// Who buys this also buys that.
struct RulesJob {
  struct Params {
    BasketParams source;
    Rules::Params mining;
    GroupParams groups;
    void describe(Fields& f);
    void check(const ConfigNode& node) const;
  };
  static constexpr std::string_view name = "rules";
  static constexpr std::string_view summary =
      "Finds association rules with one item on the right and judges them by fourteen measures and a corrected test.";
  static constexpr std::string_view notes =
      "Rules of all frequent itemsets (Agrawal et al., SIGMOD 1993), Fisher's exact test, q-values by Benjamini and "
      "Hochberg over every pair of a frequent left side and a frequent item. Rules stay on the rank that holds their "
      "set; two exchanges a batch of 65,536 sets fetch the left sides' counts.";

  static std::vector<std::string> inputs(const Params& params, const std::filesystem::path& out);
  static StepResult run(const Params& params, const StepContext& step);
  static StepPlan plan(const Params& params, Forecast& forecast);
};

}  // namespace cohort
