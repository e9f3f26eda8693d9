// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "algorithms/baskets/transactions.hpp"
#include "core/random.hpp"

namespace cohort {

/// Draws one in so many sets of items by their items alone: a sum of 64 random bits an item, so that neither the order
/// of items nor the rank, thread or place that holds the set shows (Zobrist, 1970).
class SetDraw {
 public:
  SetDraw(const ItemCatalogue& items, std::string_view purpose, std::int64_t one_in)
      : one_in_(static_cast<std::uint64_t>(one_in)) {
    for (const std::int64_t key : items.keys)
      bits_.push_back(RandomStream(0, purpose, static_cast<std::uint64_t>(key)).next_uint64());
  }

  /// Whether the set of `codes` and `more` is drawn.
  [[nodiscard]] bool operator()(std::span<const std::int32_t> codes, std::span<const std::int32_t> more = {}) const {
    std::uint64_t sum = 0;
    for (const std::int32_t code : codes) sum += bits_[static_cast<std::size_t>(code)];
    for (const std::int32_t code : more) sum += bits_[static_cast<std::size_t>(code)];
    return (sum >> 32) % one_in_ == 0;
  }

 private:
  std::uint64_t one_in_;
  std::vector<std::uint64_t> bits_;  ///< by code
};

}  // namespace cohort
