// SPDX-License-Identifier: Apache-2.0
#include "algorithms/group_by/group_worker.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace cohort {
namespace {

/// Rows of a tableful for each of its groups, below which the table does not pay.
constexpr std::int64_t worthwhile = 2;

/// Integers as words in the same order.
std::uint64_t as_word(std::int64_t value) {
  return std::bit_cast<std::uint64_t>(value) ^ (std::uint64_t{1} << 63);
}

}  // namespace

GroupWorker::GroupWorker(const KeyLayout& keys, const GroupMeasures& measures, const KeyRanges& ranges,
                         Repartition& exchange, int worker, const std::vector<GroupOutbox::Lengths>& channels)
    : keys_(keys), measures_(measures), ranges_(ranges), outbox_(exchange, worker, ranges.count(), channels) {
  const std::size_t state_words = measures.words().size();
  const std::size_t share = static_cast<std::size_t>(table_bytes) / channels.size();
  for (std::size_t c = 0; c < channels.size(); ++c) {
    const std::vector<GroupMeasures::Merge> merges = c == 0 ? measures.words() : std::vector{GroupMeasures::Merge::sum};
    channels_.push_back({.table = GroupTable(keys.words() + (c == 0 ? 0 : 1), merges)});
    channels_.back().most = share / (channels[c].entry() * sizeof(std::uint64_t) + 2 * sizeof(std::uint32_t));
  }
  const bool one_word = keys.words() == 1 && keys.bits() < 32;
  if (one_word && (std::size_t{1} << keys.bits()) * state_words * sizeof(std::int64_t) <= share)
    channels_.front().table.make_dense(0, std::size_t{1} << keys.bits());
  for (std::size_t i = 0; i < batch; ++i) {
    for (const GroupMeasures::Merge merge : measures.words())
      identity_.push_back(merge == GroupMeasures::Merge::maximum ? GroupMeasures::no_maximum : 0);
  }
  std::iota(own_places_.begin(), own_places_.end(), 0);
}

void GroupWorker::add(const RowTile& tile) {
  measures_.prepare(tile, keys_, tile_);
  rows_ += static_cast<std::int64_t>(tile_.count);
  for (std::size_t begin = 0; begin < tile_.count; begin += batch) {
    const std::size_t count = std::min(batch, tile_.count - begin);
    add_groups(begin, count);
    for (std::size_t set = 0; set + 1 < channels_.size(); ++set) add_values(set, begin, count);
  }
}

std::span<std::uint32_t> GroupWorker::places_in(Channel& channel, std::size_t index,
                                                std::span<const std::uint64_t> keys) {
  const auto words = static_cast<std::size_t>(keys_.words()) + (index == 0 ? 0 : 1);
  const std::size_t count = keys.size() / words;
  if (!channel.table.is_dense() && channel.table.size() + count > channel.most) empty(channel, index);
  const std::span<std::uint32_t> places = std::span(places_).first(count);
  channel.rows += static_cast<std::int64_t>(count);
  channel.table.find(keys, places);
  return places;
}

void GroupWorker::add_groups(std::size_t begin, std::size_t count) {
  Channel& channel = channels_.front();
  const auto words = static_cast<std::size_t>(keys_.words());
  const std::span<const std::uint64_t> keys = std::span(tile_.keys).subspan(begin * words, count * words);
  if (!channel.direct) {
    const std::span<std::uint32_t> places = places_in(channel, 0, keys);
    measures_.fold(tile_, begin, places, channel.table.states());
    return;
  }
  const std::size_t state_words = measures_.words().size();
  own_states_ = identity_;
  measures_.fold(tile_, begin, std::span(own_places_).first(count), own_states_.data());
  for (std::size_t i = 0; i < count; ++i) send(0, keys.data() + i * words, own_states_.data() + i * state_words);
}

void GroupWorker::add_values(std::size_t set, std::size_t begin, std::size_t count) {
  Channel& channel = channels_[set + 1];
  const auto words = static_cast<std::size_t>(keys_.words());
  pairs_.clear();
  for (std::size_t row = begin; row < begin + count; ++row) {
    const std::int64_t value = measures_.value_in_set(tile_, set, row);
    if (value == missing_int64) continue;
    for (std::size_t w = 0; w < words; ++w) pairs_.push_back(tile_.keys[row * words + w]);
    pairs_.push_back(as_word(value));
  }
  if (!channel.direct) {
    for (const std::uint32_t place : places_in(channel, set + 1, pairs_)) ++channel.table.states()[place];
    return;
  }
  const std::int64_t once = 1;
  for (std::size_t at = 0; at < pairs_.size(); at += words + 1) send(set + 1, pairs_.data() + at, &once);
}

void GroupWorker::empty(Channel& channel, std::size_t index) {
  channel.table.each(false, [&](const std::uint64_t* key, const std::int64_t* state) { send(index, key, state); });
  channel.direct = channel.rows < worthwhile * static_cast<std::int64_t>(channel.table.size());
  channel.rows = 0;
  channel.table.clear();
}

void GroupWorker::finish() {
  for (std::size_t c = 0; c < channels_.size(); ++c) empty(channels_[c], c);
  outbox_.send_all();
}

}  // namespace cohort
