// SPDX-License-Identifier: Apache-2.0
#include "core/label_table.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "core/swar.hpp"

namespace cohort {
namespace {

constexpr std::size_t first_slots = 1024;
constexpr std::uint64_t golden_ratio = 0x9E37'79B9'7F4A'7C15;  // D. Knuth's multiplicative hash, 2^64 over it
constexpr std::size_t arena_block = std::size_t{1} << 18;

}  // namespace

LabelTable::LabelTable() : slots_(first_slots) {}

std::int32_t LabelTable::number_of(std::string_view label) {
  // Most labels fit a register, where comparing them is one instruction.
  const bool is_short = !label.empty() && label.size() <= sizeof(std::uint64_t);
  const std::uint64_t word = is_short ? swar::load_short(label) : 0;
  const auto hash = static_cast<std::uint32_t>(is_short ? (word ^ label.size()) * golden_ratio >> 32
                                                        : XXH3_64bits(label.data(), label.size()));
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at].number >= 0; at = (at + 1) & mask) {
    const auto known = static_cast<std::size_t>(slots_[at].number);
    if (slots_[at].hash != hash || labels_[known].size() != label.size()) continue;
    if (is_short ? words_[known] == word : labels_[known] == label) return slots_[at].number;
  }
  slots_[at] = {hash, size()};
  labels_.push_back(keep(label));
  words_.push_back(word);
  if (labels_.size() * 2 > slots_.size()) grow();
  return size() - 1;
}

std::int64_t LabelTable::memory_bytes() const {
  return static_cast<std::int64_t>(slots_.size() * sizeof(Slot) +
                                   labels_.size() * (sizeof(std::string_view) + sizeof(std::uint64_t))) +
         arena_bytes_;
}

void LabelTable::grow() {
  std::vector<Slot> bigger(slots_.size() * 2);
  const std::size_t mask = bigger.size() - 1;
  for (const Slot& slot : slots_) {
    if (slot.number < 0) continue;
    std::size_t at = slot.hash & mask;
    while (bigger[at].number >= 0) at = (at + 1) & mask;
    bigger[at] = slot;
  }
  slots_ = std::move(bigger);
}

std::string_view LabelTable::keep(std::string_view label) {
  if (arena_.empty() || arena_.back().size() + label.size() > arena_.back().capacity()) {
    arena_.emplace_back().reserve(std::max(arena_block, label.size()));
    arena_bytes_ += static_cast<std::int64_t>(arena_.back().capacity());
  }
  std::vector<char>& block = arena_.back();
  const std::size_t begin = block.size();
  block.insert(block.end(), label.begin(), label.end());
  return {block.data() + begin, label.size()};
}

}  // namespace cohort
