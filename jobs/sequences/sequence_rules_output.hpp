// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "algorithms/sequences/sequence_rules.hpp"
#include "jobs/sequences/sequence_source.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// Which rules "A, then C within B" are asked for.
struct SequenceRuleParams {
  std::string within;  ///< empty: none
  double min_confidence = 0, min_lift = 1, max_q_value = 0.05;
  std::int64_t max_rules = 10000;

  void describe(Fields& f);
};

/// Collective. Fits the rules, writes rules.csv and adds figures and tables to `result`: the rules by lift, and for the
/// first of them the share not yet followed after each gap. Gaps are in days where times are times.
void add_sequence_rules(const SequenceRuleParams& params, std::int64_t min_count, const SequenceInput& input,
                        const StepContext& step, StepResult& result);

}  // namespace cohort
