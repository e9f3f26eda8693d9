// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "algorithms/sequences/sequence_planes.hpp"
#include "algorithms/sequences/sequence_projection.hpp"
#include "algorithms/sequences/sequences.hpp"

namespace cohort {

/// A frequent pattern that may grow.
struct SequenceNode {
  std::int64_t count = 0;
  std::int64_t weight = 0;  ///< memory on the rank that needs most, in occurrences
  std::int64_t parent = 0;  ///< in the list it was grown from
  std::int32_t item = 0;    ///< its last step
  bool joined = false;      ///< to the last element of the parent
  bool columnar = false;    ///< it may be held as columns; the same on all ranks, though not all will do it
  std::span<const std::int32_t> steps;
  std::span<const std::int32_t> later, same;       ///< candidates for a new element, and for the last one
  std::vector<Occurrence> places;                  ///< of this rank, by sequence; without those in columns
  std::shared_ptr<const SequenceColumns> columns;  ///< with a row for each of `later`; shared by siblings
  const ByteLine* ends = nullptr;                  ///< its own, in the columns

  [[nodiscard]] std::span<const std::int32_t> last_element() const {
    const auto mark = std::find(steps.rbegin(), steps.rend(), SequencePattern::next_element);
    return steps.subspan(static_cast<std::size_t>(steps.rend() - mark));
  }
  [[nodiscard]] std::int64_t candidates() const { return std::ssize(later) + std::ssize(same); }
  /// Gives back what it holds of the sequences.
  void forget() {
    std::vector<Occurrence>().swap(places);
    columns.reset();
  }
};

/// The frequent items after each of a list of nodes.
class FrequentItems {
 public:
  void add(std::int32_t item) { items_.push_back(item); }
  /// Ends the items in later elements of the next node, or those of the same one; both in turn.
  void end() { ends_.push_back(items_.size()); }
  [[nodiscard]] std::span<const std::int32_t> later(std::size_t node) const { return part(2 * node); }
  [[nodiscard]] std::span<const std::int32_t> same(std::size_t node) const { return part(2 * node + 1); }

 private:
  [[nodiscard]] std::span<const std::int32_t> part(std::size_t i) const {
    return std::span(items_).subspan(ends_[i], ends_[i + 1] - ends_[i]);
  }
  std::vector<std::int32_t> items_;
  std::vector<std::size_t> ends_{0};
};

}  // namespace cohort
