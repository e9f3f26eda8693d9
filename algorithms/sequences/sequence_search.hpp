// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/sequences/sequence_database.hpp"
#include "algorithms/sequences/sequences.hpp"
#include "core/context.hpp"

namespace cohort {

/// What a search leaves, equal on all ranks.
struct FoundPatterns {
  std::vector<SequencePattern> kept;  ///< in the order of the search
  std::int64_t total = 0;             ///< above max_patterns: more than these, not how many
};

/// Collective. All frequent patterns, of which one in `keep_one_in` is kept, drawn by its place in the search (0:
/// none); stops soon after `max_patterns`. `params.closed` is not looked at.
[[nodiscard]] FoundPatterns search_patterns(const Sequences::Params& params, std::int64_t keep_one_in,
                                            const SequenceDatabase& sequences, const Context& context);

}  // namespace cohort
