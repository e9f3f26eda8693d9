// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/baskets/transactions.hpp"
#include "core/context.hpp"

namespace cohort {

/// Sets of items with the baskets that hold them.
struct ItemsetTable {
  std::vector<std::int64_t> offsets{0};
  std::vector<std::int32_t> items;
  std::vector<std::int64_t> counts;

  [[nodiscard]] std::int64_t size() const { return std::ssize(counts); }
  [[nodiscard]] std::span<const std::int32_t> operator[](std::int64_t set) const {
    const auto s = static_cast<std::size_t>(set);
    return std::span(items).subspan(static_cast<std::size_t>(offsets[s]),
                                    static_cast<std::size_t>(offsets[s + 1] - offsets[s]));
  }
  [[nodiscard]] std::int64_t bytes() const { return 4 * std::ssize(items) + 16 * size(); }
  void add(std::span<const std::int32_t> set, std::int64_t count) {
    items.insert(items.end(), set.begin(), set.end());
    offsets.push_back(std::ssize(items));
    counts.push_back(count);
  }
};

/// The sets of all ranks in one order: by length, then by the items' ranks from the first. Rank r holds the pieces
/// [first_piece[r], first_piece[r + 1]), each whole; items are ranks of the catalogue.
struct SortedItemsets {
  ItemsetTable sets;
  std::vector<std::int64_t> piece_of_set_begin;  ///< of my pieces, into `sets`; one more than pieces
  std::vector<std::int64_t> first_piece;         ///< by rank, one more than ranks
  std::int64_t items = 0;                        ///< size of the catalogue

  /// Pieces over all ranks.
  [[nodiscard]] std::int64_t pieces() const { return first_piece.back(); }
  /// The piece a set belongs to, whether it was found or not.
  [[nodiscard]] std::int64_t piece_of(std::span<const std::int32_t> set) const;
  /// The rank that holds a piece.
  [[nodiscard]] int owner_of(std::int64_t piece) const;
  /// Number of a set in `sets` of rank `rank`; -1 where it was not found.
  [[nodiscard]] std::int64_t find(int rank, std::span<const std::int32_t> set) const;
};

/// Collective. Brings the sets that the ranks found, in codes and in any order, into one order.
[[nodiscard]] SortedItemsets sort_itemsets(std::vector<ItemsetTable> found, const ItemCatalogue& items,
                                           const Context& context);

}  // namespace cohort
