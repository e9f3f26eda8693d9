// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/sequences/sequences.hpp"

namespace cohort {

/// Where a pattern ends in a sequence of this rank. Without max_gap and max_span the earliest end says all; with them
/// there is an occurrence for each end, with the latest start that reaches it: a later start only widens what may
/// follow.
struct Occurrence {
  std::int32_t sequence, end, start;  ///< elements of the database
};

/// What may follow a pattern: the one place where time constraints are decided.
class SequenceProjection {
 public:
  SequenceProjection(const SequenceDatabase& sequences, const Sequences::Constraints& limits)
      : sequences_(sequences),
        limits_(limits),
        windowed_(limits.bounded()),
        single_(sequences.elements() == std::ssize(sequences.items)) {}

  /// Calls visit(item, occurrence) for each item that follows in a later element; `places` are of one sequence.
  template <class Visit>
  void visit_later(std::span<const Occurrence> places, const Visit& visit) const {
    windowed_ ? visit_windows(places, visit) : visit_suffix(places.front(), visit);
  }

  /// Calls visit(item, occurrence) for each item that can join the last element `last` of the pattern: those above its
  /// largest, so that each element is built in one order.
  template <class Visit>
  void visit_same(std::span<const Occurrence> places, std::span<const std::int32_t> last, const Visit& visit) const {
    if (windowed_) {
      for (const Occurrence& place : places) visit_above(place, last.back(), visit);
      return;
    }
    // The earliest end of what the last element belongs to may be any later element that holds it.
    const Occurrence& place = places.front();
    for (std::int32_t e = place.end; e < end_of(place.sequence); ++e) {
      const std::span<const std::int32_t> items = sequences_.items_of(e);
      if (items.size() <= last.size() || !std::includes(items.begin(), items.end(), last.begin(), last.end())) continue;
      visit_above({place.sequence, e, place.start}, last.back(), visit);
    }
  }

  /// The first element from which on an unbounded pattern may go on.
  [[nodiscard]] std::int32_t resume_at(const Occurrence& place) const {
    std::int32_t e = place.end + 1;
    if (limits_.min_gap > 0) {
      const std::int32_t end = end_of(place.sequence);
      while (e < end && time(e) - time(place.end) < limits_.min_gap) ++e;
    }
    return e;
  }

  [[nodiscard]] bool windowed() const { return windowed_; }
  /// No element has two items: item i is element i, and nothing joins a last element.
  [[nodiscard]] bool single() const { return single_; }

 private:
  [[nodiscard]] std::int64_t time(std::int32_t element) const {
    return sequences_.times[static_cast<std::size_t>(element)];
  }
  [[nodiscard]] std::int32_t end_of(std::int32_t sequence) const {
    return static_cast<std::int32_t>(sequences_.first_element[static_cast<std::size_t>(sequence) + 1]);
  }
  template <class Visit>
  void visit_above(const Occurrence& place, std::int32_t item, const Visit& visit) const {
    const std::span<const std::int32_t> items = sequences_.items_of(place.end);
    for (auto i = std::upper_bound(items.begin(), items.end(), item); i != items.end(); ++i) visit(*i, place);
  }
  template <class Visit>
  void visit_suffix(const Occurrence& place, const Visit& visit) const {
    const std::int32_t end = end_of(place.sequence);
    std::int32_t e = resume_at(place);
    if (single_) {
      for (; e < end; ++e) {
        visit(sequences_.items[static_cast<std::size_t>(e)], Occurrence{place.sequence, e, place.start});
      }
      return;
    }
    for (; e < end; ++e) {
      for (const std::int32_t item : sequences_.items_of(e)) visit(item, Occurrence{place.sequence, e, place.start});
    }
  }

  /// Latest starts rise with their ends, so of all ends within the gap the last one reaches farthest: two pointers.
  template <class Visit>
  void visit_windows(std::span<const Occurrence> places, const Visit& visit) const {
    const std::int32_t sequence = places.front().sequence;
    std::size_t reached = 0;
    for (std::int32_t e = places.front().end + 1; e < end_of(sequence); ++e) {
      const auto may_precede = [&](const Occurrence& place) {
        return place.end < e && time(e) - time(place.end) >= limits_.min_gap;
      };
      while (reached < places.size() && may_precede(places[reached])) ++reached;
      if (reached == 0) continue;
      const Occurrence& from = places[reached - 1];
      if (time(e) - time(from.end) > limits_.max_gap || time(e) - time(from.start) > limits_.max_span) {
        if (reached == places.size()) return;
        continue;
      }
      for (const std::int32_t item : sequences_.items_of(e)) visit(item, Occurrence{sequence, e, from.start});
    }
  }

  const SequenceDatabase& sequences_;
  Sequences::Constraints limits_;
  bool windowed_;
  bool single_;
};

/// Calls work(places of one sequence) for each sequence of a node.
template <class Work>
void for_each_sequence(std::span<const Occurrence> places, const Work& work) {
  for (std::size_t begin = 0, end = 0; begin < places.size(); begin = end) {
    while (end < places.size() && places[end].sequence == places[begin].sequence) ++end;
    work(places.subspan(begin, end - begin));
  }
}

}  // namespace cohort
