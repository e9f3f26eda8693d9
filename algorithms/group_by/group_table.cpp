// SPDX-License-Identifier: Apache-2.0
#include "algorithms/group_by/group_table.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <utility>

namespace cohort {
namespace {

constexpr std::size_t most_at_once = 512;
constexpr std::size_t fewest_slots = 1024;
constexpr std::uint64_t golden = 0x9e37'79b9'7f4a'7c15;

}  // namespace

GroupTable::GroupTable(int key_words, std::vector<Merge> merges)
    : words_(static_cast<std::size_t>(key_words)), merges_(std::move(merges)), slots_(fewest_slots) {
  shift_ = 64 - std::countr_zero(slots_.size());
}

void GroupTable::make_dense(std::uint64_t low, std::size_t cells) {
  low_ = low;
  cells_ = cells;
  clear();
}

void GroupTable::clear() {
  keys_.clear();
  states_.clear();
  if (is_dense()) {
    states_.assign(cells_ * merges_.size(), 0);
    for (std::size_t w = 0; w < merges_.size(); ++w) {
      if (merges_[w] == Merge::sum) continue;
      for (std::size_t cell = 0; cell < cells_; ++cell) states_[cell * merges_.size() + w] = GroupMeasures::no_maximum;
    }
  } else {
    std::ranges::fill(slots_, 0);
  }
}

std::uint64_t GroupTable::hash(const std::uint64_t* key) const {
  std::uint64_t h = key[0] * golden;
  for (std::size_t word = 1; word < words_; ++word) h = (std::rotl(h, 29) ^ key[word]) * golden;
  return h ^ (words_ > 1 ? h << 32 : 0);
}

void GroupTable::append_identity() {
  for (const Merge merge : merges_) states_.push_back(merge == Merge::maximum ? GroupMeasures::no_maximum : 0);
}

std::uint32_t GroupTable::append(const std::uint64_t* key) {
  keys_.insert(keys_.end(), key, key + words_);
  append_identity();
  return static_cast<std::uint32_t>(keys_.size() / words_);
}

void GroupTable::grow() {
  slots_.assign(slots_.size() * 2, 0);
  --shift_;
  const std::size_t groups = keys_.size() / words_;
  for (std::size_t place = 0; place < groups; ++place) {
    std::size_t slot = hash(keys_.data() + place * words_) >> shift_;
    while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = static_cast<std::uint32_t>(place + 1);
  }
}

template <std::size_t Words>
void GroupTable::find_hashed(std::span<const std::uint64_t> keys, std::span<std::uint32_t> places) {
  const std::size_t words = Words > 0 ? Words : words_;
  const std::size_t count = keys.size() / words;
  while ((keys_.size() / words + count) * 2 > slots_.size()) grow();
  std::array<std::uint32_t, most_at_once> slots;
  for (std::size_t i = 0; i < count; ++i) {
    slots[i] = static_cast<std::uint32_t>(hash(keys.data() + i * words) >> shift_);
    __builtin_prefetch(&slots_[slots[i]]);
  }
  const auto mask = static_cast<std::uint32_t>(slots_.size() - 1);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t* key = keys.data() + i * words;
    std::uint32_t slot = slots[i];
    while (slots_[slot] != 0 && !std::equal(key, key + words, keys_.data() + (slots_[slot] - 1) * words))
      slot = (slot + 1) & mask;
    if (slots_[slot] == 0) slots_[slot] = append(key);
    places[i] = slots_[slot] - 1;
  }
}

void GroupTable::find(std::span<const std::uint64_t> keys, std::span<std::uint32_t> places) {
  if (is_dense()) {
    for (std::size_t i = 0; i < keys.size(); ++i) places[i] = static_cast<std::uint32_t>(keys[i] - low_);
  } else if (words_ == 1) {
    find_hashed<1>(keys, places);
  } else {
    find_hashed<0>(keys, places);
  }
}

template <std::size_t Words>
void GroupTable::add_sums(std::span<const std::uint32_t> places, const std::int64_t* states) {
  for (const std::uint32_t place : places) {
    for (std::size_t w = 0; w < Words; ++w) states_[place * Words + w] += states[w];
    states += Words;
  }
}

void GroupTable::merge(std::span<const std::uint32_t> places, std::span<const std::int64_t> states) {
  const std::size_t stride = merges_.size();
  const bool sums = std::ranges::count(merges_, Merge::maximum) == 0;
  if (sums && stride == 1) return add_sums<1>(places, states.data());
  if (sums && stride == 2) return add_sums<2>(places, states.data());
  if (sums && stride == 3) return add_sums<3>(places, states.data());
  const std::int64_t* from = states.data();
  for (const std::uint32_t place : places) {
    std::int64_t* const to = states_.data() + place * stride;
    for (std::size_t w = 0; w < stride; ++w)
      to[w] = merges_[w] == Merge::maximum ? std::max(to[w], from[w]) : to[w] + from[w];
    from += stride;
  }
}

std::vector<std::uint32_t> GroupTable::order() const {
  std::vector<std::uint32_t> places(size());
  if (words_ == 1) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> sorted(places.size());
    for (std::size_t i = 0; i < sorted.size(); ++i) sorted[i] = {keys_[i], static_cast<std::uint32_t>(i)};
    std::ranges::sort(sorted);
    for (std::size_t i = 0; i < sorted.size(); ++i) places[i] = sorted[i].second;
    return places;
  }
  std::iota(places.begin(), places.end(), 0);
  std::ranges::sort(places, [&](std::uint32_t a, std::uint32_t b) {
    const std::uint64_t *x = keys_.data() + a * words_, *y = keys_.data() + b * words_;
    return std::lexicographical_compare(x, x + words_, y, y + words_);
  });
  return places;
}

}  // namespace cohort
