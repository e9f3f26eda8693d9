// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/sequences/sequence_database.hpp"
#include "algorithms/sequences/sequence_node.hpp"
#include "algorithms/sequences/sequence_projection.hpp"

namespace cohort {

/// How patterns grow in the sequences of one rank: what follows them is counted, and the longer ones are found again.
/// Workers may call at once, each with its own number and for nodes of its own.
class SequenceGrowth {
 public:
  SequenceGrowth(const SequenceDatabase& sequences, const Sequences::Constraints& limits, int workers);

  /// Finds the places of patterns of one item: node i is item i.
  void place_roots(std::span<SequenceNode> roots) const;
  /// Adds, for each candidate of the node, the sequences it follows in, and its occurrences.
  void count(const SequenceNode& node, std::size_t worker, std::int64_t* counts, std::int64_t* weights);
  /// Finds `children`, some or all that grew from `parent` in the order of its candidates, by one scan of its places.
  void project(const SequenceNode& parent, std::span<SequenceNode> children, std::size_t worker);

  /// Whether no element of this rank has two items.
  [[nodiscard]] bool single() const { return projection_.single(); }

 private:
  /// What one worker counts of one node, by item.
  struct Tally {
    std::vector<std::int32_t> sequences, occurrences;
    std::vector<std::int64_t> seen;
    std::int64_t serial = 0;

    explicit Tally(std::size_t items) : sequences(items), occurrences(items), seen(items) {}
    void clear();
    void add(std::int32_t item);
    void hand_over(std::span<const std::int32_t> candidates, std::int64_t* counts, std::int64_t* weights) const;
  };
  /// Where one worker puts the places of an item's pattern, and the sequence it was last seen in.
  struct Slot {
    SequenceNode* child = nullptr;
    std::int32_t sequence = -1;
  };
  struct Worker {
    Tally tally;
    std::vector<Slot> later, same;     ///< by item
    std::vector<std::int32_t> row_of;  ///< by item, as SequencePlanes::of needs it
    std::vector<ByteLine> ends;
  };

  void count_suffix(const Occurrence& place, Tally& tally) const;
  bool project_columns(const SequenceNode& parent, std::span<SequenceNode> children, Worker& worker) const;
  void project_places(const SequenceNode& parent, std::span<const Occurrence> places, std::span<SequenceNode> children,
                      Worker& worker) const;
  [[nodiscard]] bool fits_column(const Occurrence& place) const;

  const SequenceDatabase& sequences_;
  SequenceProjection projection_;
  LastElements last_;
  std::vector<Worker> workers_;
};

}  // namespace cohort
