// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "algorithms/sequences/sequence_database.hpp"
#include "core/context.hpp"
#include "core/fields.hpp"

namespace cohort {

/// The elements of one pattern and how many sequences contain it.
struct SequencePattern {
  std::vector<std::int32_t>
      steps;               ///< items ascending, elements separated by `next_element`: {A, B} then C is A B -1 C
  std::int64_t count = 0;  ///< sequences of all ranks, each counted once

  static constexpr std::int32_t next_element = -1;
  [[nodiscard]] std::int64_t length() const;  ///< items
};

/// Frequent sequential patterns with time constraints: every pattern that at least `min_count` sequences contain, and
/// no other. Pattern growth from prefixes over pseudo-projections (Pei et al., "PrefixSpan", ICDE 2001) with the
/// candidates of a node pruned by its siblings (Ayres et al., "SPAM", KDD 2002) or, under `max_gap`, by frequent pairs
/// (Fournier-Viger et al., "CMAP", PAKDD 2014).
struct Sequences {
  struct Constraints {
    std::int64_t min_gap = 0;  ///< least time from an element to the next; elements always follow strictly
    std::int64_t max_gap = no_limit;
    std::int64_t max_span = no_limit;  ///< most time from the first element to the last
    std::int64_t max_len = no_limit;   ///< items

    static constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();
    [[nodiscard]] bool bounded() const { return max_gap != no_limit || max_span != no_limit; }
  };
  struct Params {
    std::int64_t min_count = 1;
    Constraints constraints;
    bool closed = false;                   ///< only patterns that no longer one found contains at the same count
    std::int64_t max_patterns = 10000000;  ///< more frequent ones than this: Error(plan_refused), no partial result
  };

  /// Collective. Every rank gives its own sequences and gets all patterns, by length, then count (falling), then items.
  /// Only counts travel: the sequences stay where they are.
  [[nodiscard]] static std::vector<SequencePattern> mine(const Params& params, const SequenceDatabase& sequences,
                                                         const Context& context);
};

/// The patterns that no other of the list contains at the same count. `gaps_bind`: a max_gap held when they were mined,
/// so that a pattern without one of its middle elements may occur less often than with it.
[[nodiscard]] std::vector<SequencePattern> closed_patterns(std::vector<SequencePattern> patterns, bool gaps_bind);

/// Whether `whole` contains `part`: its elements, in order, each within one of `whole`.
[[nodiscard]] bool contains_pattern(std::span<const std::int32_t> whole, std::span<const std::int32_t> part);

}  // namespace cohort
