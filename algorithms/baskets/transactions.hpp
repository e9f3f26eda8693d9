// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/context.hpp"

namespace cohort {

/// Takes one basket; called from several threads, each with a worker number of its own. `row` is where the basket
/// stands in the data, or its customer does: the same at any ranks. Items may repeat.
using BasketSink = std::function<void(int worker, std::int64_t row, std::span<const std::int64_t> items)>;
/// Local. Hands each basket of this rank to the sink once, in any order. Run twice over the same data.
using BasketPass = std::function<void(const BasketSink&)>;

/// Keys of the categories that an item or category lies under; a null one where items have none.
using ItemParents = std::function<std::vector<std::int64_t>(std::int64_t key)>;

/// Least number of baskets of a frequent set: a share of all baskets, or a count. In text "5" is a count, "0.05" and
/// "1.0" are shares.
struct MinSupport {
  double share = 0;        ///< in (0, 1]; 0: `count` holds
  std::int64_t count = 0;  ///< >= 1

  /// Throws Error(bad_config) for anything else.
  [[nodiscard]] static MinSupport parse(const std::string& text);
  /// The smallest count of at least share x baskets, never below 1.
  [[nodiscard]] std::int64_t of(std::int64_t baskets) const;
};

/// The items that are frequent alone, equal on all ranks: item `code` is in counts[code] baskets; codes descend by
/// count, ties by key.
struct ItemCatalogue {
  std::vector<std::int64_t> keys, counts;
  std::vector<std::int32_t> rank_of, code_of;  ///< rank: position by key; the two are inverse
  std::int64_t baskets = 0;                    ///< over all ranks, empty ones included
  std::int64_t empty_baskets = 0, repeated_items = 0, distinct_items = 0, longest_basket = 0;
  std::int64_t min_count = 1;

  [[nodiscard]] std::int32_t size() const { return static_cast<std::int32_t>(keys.size()); }
};

/// Codes of keys: a table for small keys, a map for the rest.
class ItemCodes {
 public:
  explicit ItemCodes(const ItemCatalogue& items);
  /// -1 for an item that is not frequent.
  [[nodiscard]] std::int32_t operator()(std::int64_t key) const {
    if (key >= 0 && key < std::ssize(direct_)) return direct_[static_cast<std::size_t>(key)];
    if (others_.empty()) return -1;
    const auto found = others_.find(key);
    return found == others_.end() ? -1 : found->second;
  }

 private:
  static constexpr std::int64_t direct_limit = 1 << 16;
  std::vector<std::int32_t> direct_;
  std::unordered_map<std::int64_t, std::int32_t> others_;
};

/// Baskets as runs of codes, ascending and without repeats: basket b is items[offsets[b], offsets[b + 1]).
struct Transactions {
  std::vector<std::int64_t> offsets{0};
  std::vector<std::int32_t> items;

  [[nodiscard]] std::int64_t size() const { return std::ssize(offsets) - 1; }
  [[nodiscard]] std::span<const std::int32_t> operator[](std::int64_t basket) const {
    const auto b = static_cast<std::size_t>(basket);
    return std::span(items).subspan(static_cast<std::size_t>(offsets[b]),
                                    static_cast<std::size_t>(offsets[b + 1] - offsets[b]));
  }
  void add(std::span<const std::int32_t> basket) {
    items.insert(items.end(), basket.begin(), basket.end());
    offsets.push_back(std::ssize(items));
  }
};

/// Collective. One pass: counts every item, each on the rank its hash names, and shares the frequent ones.
[[nodiscard]] ItemCatalogue count_items(const BasketPass& pass, const MinSupport& min_support, const Context& context);

/// One basket in `one_in` (0: none), drawn by a hash of its row.
struct BasketSample {
  std::int64_t one_in = 0;
  Transactions baskets;
};

/// Collective. One pass: this rank's baskets in codes, without infrequent items; baskets of fewer than two are dropped.
/// Those drawn go into `sample` as well. Throws Error(plan_refused) on all ranks when they do not fit a third of
/// memory_per_rank.
[[nodiscard]] Transactions read_transactions(const BasketPass& pass, const ItemCatalogue& items, BasketSample& sample,
                                             const Context& context);

}  // namespace cohort
