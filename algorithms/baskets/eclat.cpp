// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/eclat.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.hpp"

namespace cohort {
namespace {

constexpr std::int64_t flush_every = 4096;
constexpr std::size_t read_ahead = 8;
constexpr std::size_t count_block = 64;  ///< items that are cleared together

constexpr auto rarer_first = [](const auto& a, const auto& b) {
  return a.count != b.count ? a.count < b.count : a.item < b.item;
};

/// Subsets of `joined` items of at most `room`; saturates.
std::int64_t count_subsets(std::int64_t joined, std::int64_t room) {
  constexpr std::int64_t many = std::int64_t{1} << 60;
  if (joined <= std::min<std::int64_t>(room, 60)) return std::int64_t{1} << joined;
  std::int64_t total = 1, binomial = 1;
  for (std::int64_t k = 1; k <= std::min(joined, room) && total < many; ++k) {
    if (binomial > many / joined) return many;
    binomial = binomial * (joined - k + 1) / k;
    total += binomial;
  }
  return total;
}

}  // namespace

ClassMiner::ClassMiner(const MiningTask& task, const ClassBaskets& baskets, const ItemCatalogue& items,
                       MiningTotals& totals)
    : task_(task),
      baskets_(baskets),
      items_(items),
      totals_(totals),
      row_of_(items.counts.size(), 0),
      touched_((items.counts.size() + count_block - 1) / count_block, 0),
      levels_(1) {
  counts_.assign(touched_.size() * count_block, 0);
}

void ClassMiner::mine(const MiningUnit& unit) {
  const std::int64_t count = items_.counts[static_cast<std::size_t>(unit.item)];
  if (stop_ || count < task_.min_count) return;
  prefix_.assign(1, unit.item);
  // Parts of one class mostly come one after another: it is opened once.
  if (unit.item != open_item_) {
    joined_.clear();
    open_item_ = unit.item;
    open_closed_ = open_class(unit.item);
  }
  if (!open_closed_) return;
  if (unit.slice == 0) emit(levels_[0], count);
  if (may_grow()) expand(0, unit);
}

void ClassMiner::flush() {
  stop_ = stop_ || (totals_.sets += unflushed_) > task_.max_sets;
  unflushed_ = 0;
  const std::int64_t more = found_.bytes() - std::exchange(flushed_bytes_, found_.bytes());
  if ((totals_.bytes += more) <= totals_.most_bytes || stop_) return;
  throw Error(ExitCode::plan_refused,
              fmt::format("the itemsets of this rank need more than {} bytes, a quarter of memory_per_rank",
                          totals_.most_bytes),
              "raise min_support, run on more ranks, or give run.memory_per_rank more");
}

/// Level 0: the baskets of one item. False when another item is in all of them and its class has all these sets.
bool ClassMiner::open_class(std::int32_t item) {
  Level& level = levels_[0];
  level.tail.clear();
  level.barred.clear();
  count_class(item);
  if (!sort_out(item)) return false;
  std::sort(level.tail.begin(), level.tail.end(), rarer_first);
  std::int32_t rows = 0;
  for (std::vector<Candidate>* list : {&level.tail, &level.barred}) {
    for (Candidate& candidate : *list) candidate.row = rows++;
  }
  if (rows > 1 && !level.tail.empty()) baskets_.dense() ? fill_dense(item) : fill_sparse(item);
  return true;
}

/// From the frequent ones beside an item to what extends it, bars it or joins it.
bool ClassMiner::sort_out(std::int32_t item) {
  const std::int64_t all = items_.counts[static_cast<std::size_t>(item)];
  Level& level = levels_[0];
  bool closed = true;
  for (const Candidate& candidate : frequent_) {
    if (candidate.item < item && candidate.count == all) {
      joined_.push_back(candidate.item);
    } else {
      (candidate.item < item ? level.tail : level.barred).push_back(candidate);
      closed = closed && candidate.count < all;
    }
  }
  return closed;
}

/// The baskets that each other item shares with this one; rarer items too where they can bar a set from being closed.
void ClassMiner::count_class(std::int32_t item) {
  frequent_.clear();
  baskets_.dense() ? count_dense(item) : count_sparse(item);
}

void ClassMiner::count_dense(std::int32_t item) {
  const std::int32_t end = task_.kind == ItemsetKind::frequent ? item : items_.size();
  for (std::int32_t other = 0; other < end; ++other) {
    const std::int64_t count = baskets_.together(item, other);
    if (other != item && count >= task_.min_count) frequent_.push_back({other, 0, count});
  }
}

/// Calls begin_basket(m), then visit(other) for each other item, for the m-th basket of a class.
void ClassMiner::visit_class(std::int32_t item, bool rarer, const auto& begin_basket, const auto& visit) const {
  const std::span<const std::uint32_t> places = baskets_.places(item);
  for (std::size_t m = 0; m < places.size(); ++m) {
    if (m + read_ahead < places.size()) baskets_.prefetch(places[m + read_ahead]);
    begin_basket(m);
    baskets_.visit_before(places[m], visit);
    if (rarer) baskets_.visit_after(places[m], visit);
  }
}

/// Occurrence deliver. Most counts stay small, so the loop marks their block instead of asking whether each is the
/// first.
void ClassMiner::count_sparse(std::int32_t item) {
  visit_class(
      item, task_.kind != ItemsetKind::frequent, [](std::size_t) {},
      [this](std::int32_t other) {
        const auto o = static_cast<std::size_t>(other);
        ++counts_[o];
        touched_[o / count_block] = 1;
      });
  for (std::size_t block = 0; block < touched_.size(); ++block) {
    if (std::exchange(touched_[block], 0) == 0) continue;
    for (std::size_t other = block * count_block; other < (block + 1) * count_block; ++other) {
      if (counts_[other] >= task_.min_count) frequent_.push_back({static_cast<std::int32_t>(other), 0, counts_[other]});
    }
    std::fill_n(counts_.begin() + static_cast<std::ptrdiff_t>(block * count_block), count_block, 0);
  }
}

/// The class as bits: one row a candidate, one column a basket.
void ClassMiner::fill_sparse(std::int32_t item) {
  Level& level = levels_[0];
  level.baskets = std::ssize(baskets_.places(item));
  level.lines = lines_of(level.baskets);
  // Row 0 takes what is no candidate, so that the loop does not branch.
  std::int32_t rows = 1;
  for (auto* list : {&level.tail, &level.barred}) {
    for (Candidate& candidate : *list) row_of_[static_cast<std::size_t>(candidate.item)] = candidate.row = rows++;
  }
  level.bits.assign(static_cast<std::size_t>(rows * level.lines), BitLine{});
  auto* words = reinterpret_cast<std::uint64_t*>(level.bits.data());
  const std::int64_t stride = level.lines * 8;
  std::uint64_t *column = words, bit = 0;
  visit_class(
      item, !level.barred.empty(),
      [&](std::size_t m) {
        column = words + m / 64;
        bit = std::uint64_t{1} << (m % 64);
      },
      [&](std::int32_t other) { column[row_of_[static_cast<std::size_t>(other)] * stride] |= bit; });
  for (const auto* list : {&level.tail, &level.barred}) {
    for (const Candidate& candidate : *list) row_of_[static_cast<std::size_t>(candidate.item)] = 0;
  }
}

void ClassMiner::fill_dense(std::int32_t item) {
  Level& level = levels_[0];
  const std::int64_t members = baskets_.together(item, item);
  const bool packs = 2 * members <= baskets_.size();
  level.baskets = packs ? members : baskets_.size();
  level.lines = lines_of(level.baskets);
  level.bits.assign((level.tail.size() + level.barred.size()) * static_cast<std::size_t>(level.lines), BitLine{});
  for (const auto* list : {&level.tail, &level.barred}) {
    for (const Candidate& candidate : *list) {
      (packs ? kernels_.pack : kernels_.both)(baskets_.row(candidate.item), baskets_.row(item),
                                              level.bits.data() + candidate.row * level.lines, baskets_.lines());
    }
  }
}

/// Whether a set longer than the prefix may still be wanted.
bool ClassMiner::may_grow() const {
  const std::size_t shortest = prefix_.size() + (task_.kind == ItemsetKind::frequent ? 0 : joined_.size());
  return task_.max_len == 0 || static_cast<std::int64_t>(shortest) < task_.max_len;
}

void ClassMiner::expand(std::size_t depth, const MiningUnit& unit) {
  if (levels_.size() < depth + 2) levels_.emplace_back();
  for (std::size_t branch = 0; branch < levels_[depth].tail.size() && !stop_; ++branch) {
    if (depth == 0 && static_cast<std::int32_t>(branch) % unit.slices != unit.slice) continue;
    const Candidate by = levels_[depth].tail[branch];
    Level& child = levels_[depth + 1];
    child.prefix = prefix_.size();
    child.joined = joined_.size();
    if (open_child(depth, branch)) {
      emit(child, by.count);
      if (!child.tail.empty() && may_grow()) {
        project(depth, by);
        expand(depth + 1, unit);
      }
    }
    leave(depth + 1);
  }
}

/// Adds an item to the prefix and counts what remains beside it. False when the set and all that would follow are not
/// closed and only closed ones are wanted.
bool ClassMiner::open_child(std::size_t depth, std::size_t branch) {
  const Level& level = levels_[depth];
  Level& child = levels_[depth + 1];
  const Candidate& by = level.tail[branch];
  child.tail.clear();
  child.barred.clear();
  prefix_.push_back(by.item);
  if (task_.kind != ItemsetKind::frequent && !bar(depth, branch)) return false;
  for (std::size_t other = branch + 1; other < level.tail.size(); ++other) {
    const Candidate& candidate = level.tail[other];
    const std::int64_t count = kernels_.count_both(level.row(candidate), level.row(by), level.lines);
    if (count < task_.min_count) continue;
    if (count == by.count) {
      joined_.push_back(candidate.item);
    } else {
      child.tail.push_back({candidate.item, candidate.row, count});
    }
  }
  std::sort(child.tail.begin(), child.tail.end(), rarer_first);
  return true;
}

/// Items that came before: one in all baskets shows that the set is not closed.
bool ClassMiner::bar(std::size_t depth, std::size_t branch) {
  const Level& level = levels_[depth];
  Level& child = levels_[depth + 1];
  const Candidate& by = level.tail[branch];
  const auto passes = [&](const Candidate& before) {
    const std::int64_t count = kernels_.count_both(level.row(before), level.row(by), level.lines);
    if (count >= task_.min_count) child.barred.push_back({before.item, before.row, count});
    return count < by.count;
  };
  return std::all_of(level.barred.begin(), level.barred.end(), passes) &&
         std::all_of(level.tail.begin(), level.tail.begin() + static_cast<std::ptrdiff_t>(branch), passes);
}

/// Gives the child rows of its own, packed to its baskets when these are at most half.
void ClassMiner::project(std::size_t depth, const Candidate& by) {
  const Level& level = levels_[depth];
  Level& child = levels_[depth + 1];
  const bool packs = level.lines > 1 && 2 * by.count <= level.baskets;
  child.baskets = packs ? by.count : level.baskets;
  child.lines = packs ? lines_of(by.count) : level.lines;
  const std::size_t rows = child.tail.size() + child.barred.size();
  if (rows < 2) return;
  const auto needed = rows * static_cast<std::size_t>(child.lines);
  if (packs) child.bits.assign(needed, BitLine{});
  if (child.bits.size() < needed) child.bits.resize(needed);
  std::int32_t next = 0;
  for (std::vector<Candidate>* list : {&child.tail, &child.barred}) {
    for (Candidate& candidate : *list) {
      BitLine* out = child.bits.data() + next * child.lines;
      (packs ? kernels_.pack : kernels_.both)(level.row(candidate), level.row(by), out, level.lines);
      candidate.row = next++;
    }
  }
}

void ClassMiner::leave(std::size_t depth) {
  prefix_.resize(levels_[depth].prefix);
  joined_.resize(levels_[depth].joined);
}

void ClassMiner::emit(const Level& level, std::int64_t count) {
  if (task_.kind == ItemsetKind::maximal && !(level.tail.empty() && level.barred.empty())) return;
  const std::int64_t room = (task_.max_len == 0 ? std::int64_t{1} << 30 : task_.max_len) - std::ssize(prefix_);
  if (task_.kind == ItemsetKind::frequent) {
    const std::int64_t subsets = count_subsets(std::ssize(joined_), room);
    // More than are allowed are not even listed: the items in all baskets of a set may be thousands.
    if (task_.keep && subsets <= task_.max_sets) return emit_subsets(0, count);
    return count_found(subsets);
  }
  if (std::ssize(joined_) > room) return;
  count_found(1);
  if (!task_.keep || (task_.keep_only != nullptr && !(*task_.keep_only)(prefix_, joined_))) return;
  found_.items.insert(found_.items.end(), prefix_.begin(), prefix_.end());
  found_.add(joined_, count);
}

/// The prefix with each subset of the joined items from `next` on.
void ClassMiner::emit_subsets(std::size_t next, std::int64_t count) {
  count_found(1);
  if (task_.keep_only == nullptr || (*task_.keep_only)(prefix_)) found_.add(prefix_, count);
  if (task_.max_len != 0 && std::ssize(prefix_) >= task_.max_len) return;
  for (std::size_t j = next; j < joined_.size() && !stop_; ++j) {
    prefix_.push_back(joined_[j]);
    emit_subsets(j + 1, count);
    prefix_.pop_back();
  }
}

void ClassMiner::count_found(std::int64_t sets) {
  unflushed_ += sets;
  if (unflushed_ >= flush_every) flush();
}

}  // namespace cohort
