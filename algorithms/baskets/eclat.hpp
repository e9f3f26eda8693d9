// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "algorithms/baskets/itemsets_bits.hpp"
#include "algorithms/baskets/itemsets_draw.hpp"
#include "algorithms/baskets/itemsets_table.hpp"
#include "algorithms/baskets/transactions.hpp"

namespace cohort {

enum class ItemsetKind { frequent, closed, maximal };

/// What to mine. A closed set has no superset in the same baskets, a maximal one none that is frequent; `max_len` only
/// hides longer sets.
struct MiningTask {
  ItemsetKind kind = ItemsetKind::frequent;
  std::int64_t min_count = 1;
  std::int32_t max_len = 0;                       ///< 0: any
  std::int64_t max_sets = std::int64_t{1} << 62;  ///< mining stops soon after more were found
  bool keep = true;                               ///< false: count only
  const SetDraw* keep_only = nullptr;             ///< with `keep`: all are counted, those drawn are kept
};

/// What the workers of a rank have found together.
struct MiningTotals {
  std::atomic<std::int64_t> sets = 0, bytes = 0;  ///< bytes: of the sets that are kept
  std::int64_t most_bytes = std::int64_t{1} << 62;
};

/// A part of the search: sets whose rarest item is `item`, and of their second level the branches b with
/// b mod slices == slice.
struct MiningUnit {
  std::int32_t item = 0;
  std::int32_t slice = 0, slices = 1;
};

/// Baskets by item, in the form that their density asks for: dense ones as a row of bits per item with the counts of
/// all pairs, sparse ones as they came, with the places of each item.
class ClassBaskets {
 public:
  /// Indexes items with `mined[item]`. `rarer`: also what is rarer than an item will be asked for, as closed sets need.
  ClassBaskets(Transactions all, const std::vector<char>& mined, bool rarer, int threads);

  [[nodiscard]] bool dense() const { return lines_ > 0; }

  /// Sparse: where an item stands, in order; where it is the most frequent of its basket only with `rarer`.
  [[nodiscard]] std::span<const std::uint32_t> places(std::int32_t item) const {
    const auto i = static_cast<std::size_t>(item);
    return std::span(places_).subspan(static_cast<std::size_t>(offsets_[i]),
                                      static_cast<std::size_t>(offsets_[i + 1] - offsets_[i]));
  }
  /// Sparse: calls visit(item) for what is more frequent than the item at `place` in its basket, the rarest first.
  template <class Visit>
  void visit_before(std::uint32_t place, const Visit& visit) const {
    while (items_[place] >= 0) {
      const std::int32_t item = items_[--place];
      visit(item < 0 ? ~item : item);
    }
  }
  /// Sparse: the same for what is rarer.
  template <class Visit>
  void visit_after(std::uint32_t place, const Visit& visit) const {
    while (items_[++place] >= 0) visit(items_[place]);
  }
  void prefetch(std::uint32_t place) const { __builtin_prefetch(items_.data() + place); }

  /// Dense: an item's row, one bit a basket, and the baskets that hold both of two items.
  [[nodiscard]] const BitLine* row(std::int32_t item) const { return bits_.data() + item * lines_; }
  [[nodiscard]] std::int64_t lines() const { return lines_; }
  [[nodiscard]] std::int64_t size() const { return size_; }
  [[nodiscard]] std::int64_t together(std::int32_t a, std::int32_t b) const { return pairs_[pair(a, b)]; }

 private:
  [[nodiscard]] static std::size_t pair(std::int64_t a, std::int64_t b) {
    return static_cast<std::size_t>(a < b ? b * (b + 1) / 2 + a : a * (a + 1) / 2 + b);
  }
  void list_places(Transactions all, const std::vector<char>& mined, bool rarer);
  void set_bits(const Transactions& all, std::int64_t items, int threads);
  void count_pairs(std::int64_t items, int threads);
  void count_block(std::int64_t first_a, std::int64_t first_b, std::int64_t items);

  std::int64_t size_ = 0;
  std::vector<std::int32_t> items_;  ///< basket after basket, the first item of each as its complement
  std::vector<std::int64_t> offsets_;
  std::vector<std::uint32_t> places_;
  std::int64_t lines_ = 0;
  std::vector<BitLine> bits_;
  std::vector<std::int32_t> pairs_;
};

/// Depth-first mining of one class after another on bit matrices: Eclat (Zaki, IEEE TKDE 2000) over the baskets of the
/// class alone, found by occurrence deliver and packed again wherever half of them fall away (LCM, Uno et al., FIMI
/// 2004); items in every basket of a prefix are joined without search; closed sets by the prefix-preserving test, so
/// that no table of found sets is needed. One per worker.
class ClassMiner {
 public:
  ClassMiner(const MiningTask& task, const ClassBaskets& baskets, const ItemCatalogue& items, MiningTotals& totals);

  /// Throws Error(plan_refused) when the sets kept need more than `totals.most_bytes`.
  void mine(const MiningUnit& unit);
  /// Items as codes, in any order; empty if only counting.
  [[nodiscard]] ItemsetTable& found() { return found_; }
  /// Adds what this worker has not yet added to the totals.
  void flush();

 private:
  /// An item beside the prefix: the baskets they share. `row` counts rows of the level.
  struct Candidate {
    std::int32_t item;
    std::int32_t row;
    std::int64_t count;
  };
  /// A prefix: the items that may extend it, and those that may not but would show it is not closed.
  struct Level {
    std::vector<BitLine> bits;
    std::int64_t lines = 0, baskets = 0;
    std::vector<Candidate> tail, barred;
    std::size_t joined = 0, prefix = 0;  ///< sizes of the stacks on entering

    [[nodiscard]] const BitLine* row(const Candidate& c) const { return bits.data() + c.row * lines; }
  };

  bool open_class(std::int32_t item);
  bool sort_out(std::int32_t item);
  void count_class(std::int32_t item);
  void count_dense(std::int32_t item);
  void count_sparse(std::int32_t item);
  void visit_class(std::int32_t item, bool rarer, const auto& begin_basket, const auto& visit) const;
  void fill_sparse(std::int32_t item);
  void fill_dense(std::int32_t item);
  void expand(std::size_t depth, const MiningUnit& unit);
  bool open_child(std::size_t depth, std::size_t branch);
  bool bar(std::size_t depth, std::size_t branch);
  void project(std::size_t depth, const Candidate& by);
  void leave(std::size_t depth);
  void emit(const Level& level, std::int64_t count);
  void emit_subsets(std::size_t next, std::int64_t count);
  void count_found(std::int64_t sets);
  [[nodiscard]] bool may_grow() const;

  const MiningTask task_;
  const ClassBaskets& baskets_;
  const ItemCatalogue& items_;
  const BitKernels& kernels_ = bit_kernels();
  MiningTotals& totals_;
  std::int64_t unflushed_ = 0, flushed_bytes_ = 0;
  bool stop_ = false;
  std::int32_t open_item_ = -1;  ///< whose class level 0 holds
  bool open_closed_ = true;
  std::vector<std::int32_t> counts_, row_of_;  ///< of a class, by item; row 0 is for those without
  std::vector<char> touched_;                  ///< blocks of `counts_` that are not zero
  std::vector<Candidate> frequent_;            ///< with the item of the class, in order of items
  std::deque<Level> levels_;                   ///< its elements stay where they are
  std::vector<std::int32_t> prefix_, joined_;  ///< items searched for, and items in every basket of theirs
  ItemsetTable found_;
};

}  // namespace cohort
