// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/context.hpp"

namespace cohort {

/// The sequences of this rank, flat: sequence s has the elements [first_element[s], first_element[s + 1]), element e
/// happened at times[e] and has the items [first_item[e], first_item[e + 1]). Times rise strictly inside a sequence,
/// items inside an element. 4 bytes an item, 16 an element and a sequence.
struct SequenceDatabase {
  std::int32_t n_items = 0;        ///< codes are below; the same on all ranks
  std::vector<std::int64_t> rows;  ///< of sequences
  std::vector<std::int64_t> first_element{0};
  std::vector<std::int64_t> times;
  std::vector<std::int64_t> first_item{0};
  std::vector<std::int32_t> items;

  [[nodiscard]] std::int64_t size() const { return std::ssize(first_element) - 1; }
  [[nodiscard]] std::int64_t elements() const { return std::ssize(times); }
  [[nodiscard]] std::int64_t bytes() const { return 4 * std::ssize(items) + 16 * (elements() + size()); }
  [[nodiscard]] std::span<const std::int32_t> items_of(std::int64_t element) const {
    const auto e = static_cast<std::size_t>(element);
    return std::span(items).subspan(static_cast<std::size_t>(first_item[e]),
                                    static_cast<std::size_t>(first_item[e + 1] - first_item[e]));
  }

  /// Appends an element to the sequence in the making: sorts `element` and drops repeats; nothing for an empty one.
  void add_element(std::int64_t time, std::vector<std::int32_t>& element);
  /// Appends sequences of codes in SPMF's marks: -1 ends an element, -2 a sequence. Times are positions; sequence i
  /// stands at of_rows[i].
  void add_marked(std::span<const std::int32_t> marked, std::span<const std::int64_t> of_rows);
  /// `row`: where the sequence stands in the data, or its customer does: the same at any ranks.
  void end_sequence(std::int64_t row) {
    first_element.push_back(elements());
    rows.push_back(row);
  }
};

/// The sequences of all parts, which have the same codes; each part is freed as soon as it has been copied.
[[nodiscard]] SequenceDatabase joined(std::vector<SequenceDatabase> parts);

/// Collective. In how many sequences of all ranks each item occurs.
[[nodiscard]] std::vector<std::int64_t> count_items(const SequenceDatabase& sequences, const Context& context);

/// The same sequences with kept items alone, renumbered: item i becomes number[i], or is dropped where that is -1.
/// Numbers must rise with items. Elements left empty are dropped, and so are the sequences that lose them all.
[[nodiscard]] SequenceDatabase with_items(const SequenceDatabase& sequences, std::span<const std::int32_t> number,
                                          std::int32_t n_items);

/// The last element of each distinct item of each sequence, latest first: the items that follow element e are a prefix
/// (Yang et al., "LAPIN", DASFAA 2007).
struct LastElements {
  std::vector<std::int64_t> first{0};
  std::vector<std::int32_t> items, elements;

  explicit LastElements(const SequenceDatabase& sequences);
};

}  // namespace cohort
