// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/sequences/sequence_rules_output.hpp"
#include "jobs/sequences/sequence_source.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// What customers do in order, and how often.
struct SequencesJob {
  struct Params {
    SequenceSource source;
    std::string min_support = "0.1";
    std::int64_t max_len = 0;
    std::string min_gap, max_gap, max_span;
    bool closed = false;
    std::int64_t max_patterns = 10000000;
    SequenceRuleParams rules;

    void describe(Fields& f);
    void check(const ConfigNode& node) const;
  };
  static constexpr std::string_view name = "sequences";
  static constexpr std::string_view summary =
      "Finds what customers do in order: all sequential patterns of enough support within time constraints, and "
      "rules \"A, then C within B\".";
  static constexpr std::string_view notes =
      "Prefix growth (PrefixSpan, ICDE 2001) with last-position lists and candidates pruned by siblings or frequent "
      "pairs (CMAP, PAKDD 2014). Exact. Sequences stay on their rank; an all-reduce adds two integers a candidate. "
      "Memory: 12 bytes an item and 16 an element of the rank's sequences, the patterns on every rank, and a quarter "
      "of memory_per_rank for the search.";

  static std::vector<std::string> inputs(const Params& params, const std::filesystem::path& out) {
    return params.source.files(out);
  }
  static StepResult run(const Params& params, const StepContext& step);
};

/// The least number of sequences that `min_support` asks for: a share where it is written with a point, rounded up,
/// else a count; at least 1. Throws Error(bad_config) for anything but a share in (0, 1] or a count from 1.
[[nodiscard]] std::int64_t support_count(const std::string& min_support, std::int64_t sequences);

}  // namespace cohort
