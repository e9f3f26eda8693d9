// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "algorithms/sequences/sequence_projection.hpp"
#include "algorithms/sequences/sequences.hpp"

namespace cohort {

/// A frequent pattern that may grow.
struct SequenceNode {
  SequencePattern pattern;
  std::int64_t weight = 0;                    ///< most occurrences on one rank
  std::int64_t parent = 0;                    ///< in the list it was grown from
  std::vector<Occurrence> places;             ///< of this rank, by sequence
  std::span<const std::int32_t> later, same;  ///< candidates for a new element, and for the last one

  [[nodiscard]] std::span<const std::int32_t> last_element() const {
    const auto& steps = pattern.steps;
    const auto mark = std::find(steps.rbegin(), steps.rend(), SequencePattern::next_element);
    return std::span(steps).subspan(static_cast<std::size_t>(steps.rend() - mark));
  }
  [[nodiscard]] std::int64_t candidates() const { return std::ssize(later) + std::ssize(same); }
};

/// What one worker counts of one node, by item.
struct SequenceTally {
  std::vector<std::int32_t> sequences;
  std::vector<std::int32_t> occurrences;
  std::vector<std::int64_t> seen;
  std::int64_t serial = 0;

  explicit SequenceTally(std::int32_t items)
      : sequences(static_cast<std::size_t>(items)), occurrences(sequences.size()), seen(sequences.size()) {}
  void clear() {
    std::fill(sequences.begin(), sequences.end(), 0);
    std::fill(occurrences.begin(), occurrences.end(), 0);
  }
  void add(std::int32_t item) {
    const auto i = static_cast<std::size_t>(item);
    ++occurrences[i];
    if (std::exchange(seen[i], serial) != serial) ++sequences[i];
  }
};

}  // namespace cohort
