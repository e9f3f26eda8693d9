// SPDX-License-Identifier: Apache-2.0
#include "algorithms/sequences/sequence_growth.hpp"

#include <algorithm>
#include <utility>

namespace cohort {

void SequenceGrowth::Tally::clear() {
  std::fill(sequences.begin(), sequences.end(), 0);
  std::fill(occurrences.begin(), occurrences.end(), 0);
}

void SequenceGrowth::Tally::add(std::int32_t item) {
  const auto i = static_cast<std::size_t>(item);
  ++occurrences[i];
  if (std::exchange(seen[i], serial) != serial) ++sequences[i];
}

void SequenceGrowth::Tally::hand_over(std::span<const std::int32_t> candidates, std::int64_t* counts,
                                      std::int64_t* weights) const {
  for (const std::int32_t item : candidates) {
    *counts++ += sequences[static_cast<std::size_t>(item)];
    *weights++ += occurrences[static_cast<std::size_t>(item)];
  }
}

SequenceGrowth::SequenceGrowth(const SequenceDatabase& sequences, const Sequences::Constraints& limits, int workers)
    : sequences_(sequences), projection_(sequences, limits), last_(sequences) {
  const auto items = static_cast<std::size_t>(sequences.n_items);
  workers_.assign(static_cast<std::size_t>(workers), {.tally = Tally(items),
                                                      .later = std::vector<Slot>(items),
                                                      .same = std::vector<Slot>(items),
                                                      .row_of = std::vector<std::int32_t>(items, -1)});
}

void SequenceGrowth::place_roots(std::span<SequenceNode> roots) const {
  for (std::int32_t s = 0; s < sequences_.size(); ++s) {
    const auto at = static_cast<std::size_t>(s);
    for (std::int64_t e = sequences_.first_element[at]; e < sequences_.first_element[at + 1]; ++e) {
      for (const std::int32_t item : sequences_.items_of(e)) {
        const auto element = static_cast<std::int32_t>(e);
        std::vector<Occurrence>& places = roots[static_cast<std::size_t>(item)].places;
        if (projection_.windowed() || places.empty() || places.back().sequence != s) {
          places.push_back({s, element, element});
        }
      }
    }
  }
}

void SequenceGrowth::count(const SequenceNode& node, std::size_t worker, std::int64_t* counts, std::int64_t* weights) {
  if (node.columns != nullptr) {
    for (std::size_t row = 0; row < node.later.size(); ++row) {
      weights[row] = counts[row] = node.columns->planes.count_after(row, node.ends);
    }
  }
  if (node.places.empty()) return;
  Tally& tally = workers_[worker].tally;
  tally.clear();
  if (projection_.windowed()) {
    for_each_sequence(node.places, [&](std::span<const Occurrence> places) {
      ++tally.serial;
      projection_.visit_later(places, [&](std::int32_t item, const Occurrence&) { tally.add(item); });
    });
  } else {
    for (const Occurrence& place : node.places) count_suffix(place, tally);
    tally.occurrences = tally.sequences;
  }
  tally.hand_over(node.later, counts, weights);
  if (node.same.empty() || projection_.single()) return;
  tally.clear();
  for_each_sequence(node.places, [&](std::span<const Occurrence> places) {
    ++tally.serial;
    projection_.visit_same(places, node.last_element(), [&](std::int32_t item, const Occurrence&) { tally.add(item); });
  });
  tally.hand_over(node.same, counts + node.later.size(), weights + node.later.size());
}

void SequenceGrowth::count_suffix(const Occurrence& place, Tally& tally) const {
  const std::int32_t from = projection_.resume_at(place);
  const auto end = static_cast<std::size_t>(last_.first[static_cast<std::size_t>(place.sequence) + 1]);
  for (auto i = static_cast<std::size_t>(last_.first[static_cast<std::size_t>(place.sequence)]);
       i < end && last_.elements[i] >= from; ++i) {
    ++tally.sequences[static_cast<std::size_t>(last_.items[i])];
  }
}

void SequenceGrowth::project(const SequenceNode& parent, std::span<SequenceNode> children, std::size_t worker) {
  if (children.front().columnar && project_columns(parent, children, workers_[worker])) return;
  project_places(parent, parent.places, children, workers_[worker]);
}

/// False where planes would not pay.
bool SequenceGrowth::project_columns(const SequenceNode& parent, std::span<SequenceNode> children,
                                     Worker& worker) const {
  const std::span<const std::int32_t> items = children.front().later;
  auto columns = std::make_shared<SequenceColumns>();
  std::vector<ByteLine>& ends = worker.ends;
  std::vector<Occurrence> rest;
  if (parent.columns != nullptr) {
    ends.assign(parent.ends, parent.ends + parent.columns->planes.lines());
    columns->planes = parent.columns->planes.narrowed(parent.later, items, ends);
    rest = parent.places;
  } else {
    std::vector<Occurrence> fitting;
    for (const Occurrence& place : parent.places) (fits_column(place) ? fitting : rest).push_back(place);
    auto planes = SequencePlanes::of(sequences_, fitting, items, worker.row_of);
    if (!planes) return false;
    columns->planes = std::move(*planes);
    ends = columns->planes.first_ends();
  }
  const auto lines = static_cast<std::size_t>(columns->planes.lines());
  columns->ends.resize(children.size() * lines);
  ByteLine* next = columns->ends.data();
  std::size_t row = 0;
  for (SequenceNode& child : children) {
    while (items[row] != child.item) ++row;
    columns->planes.first_after(row, ends.data(), next);
    child.ends = std::exchange(next, next + lines);
    child.columns = columns;
  }
  project_places(parent, rest, children, worker);
  return true;
}

bool SequenceGrowth::fits_column(const Occurrence& place) const {
  const std::int64_t end = sequences_.first_element[static_cast<std::size_t>(place.sequence) + 1];
  return end - 1 - place.end <= SequencePlanes::longest;
}

void SequenceGrowth::project_places(const SequenceNode& parent, std::span<const Occurrence> places,
                                    std::span<SequenceNode> children, Worker& worker) const {
  if (places.empty()) return;
  bool any_later = false, any_same = false;
  const auto slot = [&](const SequenceNode& child) -> Slot& {
    return (child.joined ? worker.same : worker.later)[static_cast<std::size_t>(child.item)];
  };
  for (SequenceNode& child : children) {
    slot(child) = {&child, -1};
    (child.joined ? any_same : any_later) = true;
  }
  const auto keep_in = [windowed = projection_.windowed()](std::vector<Slot>& slots) {
    return [&slots, windowed](std::int32_t item, const Occurrence& place) {
      Slot& at = slots[static_cast<std::size_t>(item)];
      if (at.child == nullptr || (!windowed && at.sequence == place.sequence)) return;
      at.sequence = place.sequence;
      at.child->places.push_back(place);
    };
  };
  for_each_sequence(places, [&](std::span<const Occurrence> of_one) {
    if (any_later) projection_.visit_later(of_one, keep_in(worker.later));
    if (any_same) projection_.visit_same(of_one, parent.last_element(), keep_in(worker.same));
  });
  for (const SequenceNode& child : children) slot(child) = {};
}

}  // namespace cohort
