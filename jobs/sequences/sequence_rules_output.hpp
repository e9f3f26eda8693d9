// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

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

/// What the numbers of rules stand for.
struct SequenceTerms {
  std::span<const std::string> labels;  ///< by item
  std::int64_t sequences = 0;           ///< support is a share of these
  std::int64_t units_per_day = 1;       ///< of time; 1 where times are days, or positions
};

/// Collective. Writes rules.csv and adds figures and tables to `result`: the rules by lift, and for the first of them
/// the share not yet followed after each gap. Gaps are in days, or positions.
void write_sequence_rules(const SequenceRules::Result& found, const SequenceTerms& terms, const StepContext& step,
                          StepResult& result);

/// Collective. Fits the rules and writes them.
void add_sequence_rules(const SequenceRuleParams& params, std::int64_t min_count, const SequenceInput& input,
                        const StepContext& step, StepResult& result);

}  // namespace cohort
