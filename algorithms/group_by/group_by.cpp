// SPDX-License-Identifier: Apache-2.0
#include "algorithms/group_by/group_by.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <mutex>

#include "algorithms/group_by/group_outbox.hpp"
#include "algorithms/group_by/group_table.hpp"
#include "algorithms/group_by/group_worker.hpp"
#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/threads.hpp"

namespace cohort {
namespace {

/// Shares of memory_per_rank: entries on their way, and the groups of this rank.
constexpr double exchange_share = 0.4, groups_share = 0.3;
/// Entries of a range at most, if none were alike: their table fits the cache.
constexpr std::int64_t range_bytes = std::int64_t{1} << 20;
constexpr std::int64_t fewest_ranges = 64, most_ranges = 4096;
constexpr std::size_t sampled_row = 16;

std::int64_t share_of(const Context& context, double share) {
  return static_cast<std::int64_t>(share * static_cast<double>(context.memory_per_rank));
}

std::vector<GroupOutbox::Lengths> channels_of(const KeyLayout& keys, const GroupMeasures& measures) {
  const auto words = static_cast<std::size_t>(keys.words());
  std::vector<GroupOutbox::Lengths> channels{{.key = words, .state = measures.words().size()}};
  channels.resize(1 + measures.value_sets(), {.key = words + 1, .state = 1});
  return channels;
}

std::size_t ranges_for(std::int64_t rows, std::size_t entry_words) {
  const std::int64_t bytes = rows * static_cast<std::int64_t>(entry_words * sizeof(std::uint64_t));
  return static_cast<std::size_t>(std::clamp(bytes / range_bytes, fewest_ranges, most_ranges));
}

/// A set's values of one group after the other, in the order of keys.
class ValueWalk {
 public:
  ValueWalk(GroupTable& pairs, std::size_t key_words) : words_(key_words) {
    pairs.each(true, [&](const std::uint64_t* key, const std::int64_t* count) {
      keys_.insert(keys_.end(), key, key + words_);
      values_.push_back({std::bit_cast<std::int64_t>(key[words_] ^ (std::uint64_t{1} << 63)), *count});
    });
  }
  /// The values of the next group that has some, if its key is this one.
  void take(const std::uint64_t* key, std::vector<GroupMeasures::Counted>& values) {
    values.clear();
    for (; at_ < values_.size() && std::equal(key, key + words_, keys_.data() + at_ * words_); ++at_)
      values.push_back(values_[at_]);
  }

 private:
  std::size_t words_, at_ = 0;
  std::vector<std::uint64_t> keys_;
  std::vector<GroupMeasures::Counted> values_;
};

}  // namespace

GroupBy::GroupBy(const Context& context, const KeyLayout& keys, const GroupMeasures& measures,
                 const std::vector<std::uint64_t>& sampled, std::int64_t rows, const std::string& spill_folder)
    : context_(context),
      keys_(keys),
      measures_(measures),
      ranges_(context.comm, keys.words(), sampled, ranges_for(rows, channels_of(keys, measures)[0].entry())),
      channels_(channels_of(keys, measures)),
      exchange_(context, static_cast<std::int64_t>(ranges_.count()), spill_folder, share_of(context, exchange_share)) {
  for (int worker = 0; worker < context.threads; ++worker)
    workers_.push_back(std::make_unique<GroupWorker>(keys, measures, ranges_, exchange_, worker, channels_));
}

GroupBy::~GroupBy() = default;

void GroupBy::add(int worker, const RowTile& tile) {
  workers_[static_cast<std::size_t>(worker)]->add(tile);
}

std::int64_t GroupBy::rows_used() const {
  std::int64_t rows = 0;
  for (const auto& worker : workers_) rows += worker->rows();
  return rows;
}

std::vector<GroupPiece> GroupBy::finish() {
  collectively(context_.comm, [&] {
    parallel_for(context_.threads, std::ssize(workers_),
                 [&](int, std::int64_t worker) { workers_[static_cast<std::size_t>(worker)]->finish(); });
  });
  check_partitions();
  std::vector<GroupPiece> mine;
  std::mutex mutex;
  std::int64_t bytes = 0;
  exchange_.deliver(nullptr, [&](std::int64_t range, std::span<const std::span<const std::byte>> pieces) {
    GroupPiece piece = make_piece(range, pieces);
    const std::lock_guard lock(mutex);
    bytes += static_cast<std::int64_t>((piece.keys.size() + piece.groups(keys_.words()) * piece.figures.size()) *
                                       sizeof(std::uint64_t));
    if (bytes > share_of(context_, groups_share))
      throw Error(ExitCode::plan_refused,
                  fmt::format("the groups of a rank take more than {} bytes, their share of memory_per_rank = {}",
                              share_of(context_, groups_share), context_.memory_per_rank),
                  "group by less, use more ranks, or give each more memory");
    mine.push_back(std::move(piece));
  });
  std::ranges::sort(mine, {}, &GroupPiece::number);
  return mine;
}

/// Collective. A range comes together on one rank, so it has to fit there.
void GroupBy::check_partitions() const {
  const std::vector<std::int64_t> bytes = exchange_.partition_bytes();
  const std::int64_t largest = *std::ranges::max_element(bytes), limit = share_of(context_, exchange_share / 2);
  collectively(context_.comm, [&] {
    if (largest <= limit) return;
    throw Error(
        ExitCode::plan_refused,
        fmt::format("the groups of one range of keys, with the values that distinct and quantile count, take {} "
                    "bytes, more than {}, a fifth of memory_per_rank = {}",
                    largest, limit, context_.memory_per_rank),
        "leave out distinct or quantile, group by more, or give each rank more memory");
  });
}

void GroupBy::make_dense(std::size_t range, std::size_t entries, GroupTable& table) const {
  if (keys_.words() > 1) return;
  // Modulo 2^64 the end of keys of 64 bits is 0, and widths are right; that of all keys, 0, makes nothing dense.
  const std::uint64_t end = keys_.bits() == 64 ? 0 : std::uint64_t{1} << keys_.bits();
  const std::uint64_t width = ranges_.width(range, end);
  if (width <= 4 * entries) table.make_dense(ranges_.first(range), width);
}

/// A table of groups and one of each set of values.
std::vector<GroupTable> GroupBy::merged(std::int64_t range, std::span<const std::span<const std::byte>> pieces) const {
  std::vector<GroupTable> tables{GroupTable(keys_.words(), measures_.words())};
  for (std::size_t set = 0; set < measures_.value_sets(); ++set)
    tables.emplace_back(keys_.words() + 1, std::vector{GroupMeasures::Merge::sum});
  std::size_t entries = 0;
  GroupOutbox::each_packet(pieces, channels_, [&](std::size_t channel, auto, std::span<const std::int64_t> states) {
    entries += channel == 0 ? states.size() / channels_[0].state : 0;
  });
  make_dense(static_cast<std::size_t>(range), entries, tables.front());
  std::array<std::uint32_t, GroupOutbox::packet_words> room;
  GroupOutbox::each_packet(
      pieces, channels_,
      [&](std::size_t channel, std::span<const std::uint64_t> keys, std::span<const std::int64_t> states) {
        const std::span<std::uint32_t> places = std::span(room).first(keys.size() / channels_[channel].key);
        tables[channel].find(keys, places);
        tables[channel].merge(places, states);
      });
  return tables;
}

GroupPiece GroupBy::make_piece(std::int64_t range, std::span<const std::span<const std::byte>> pieces) const {
  const auto words = static_cast<std::size_t>(keys_.words());
  std::vector<GroupTable> tables = merged(range, pieces);
  GroupPiece piece{.number = static_cast<int>(range)};
  std::vector<const std::int64_t*> states;
  states.reserve(tables.front().size());
  piece.keys.reserve(tables.front().size() * words);
  tables.front().each(true, [&](const std::uint64_t* key, const std::int64_t* state) {
    piece.keys.insert(piece.keys.end(), key, key + words);
    states.push_back(state);
  });
  for (std::size_t m = 0; m < measures_.columns().size(); ++m) {
    const std::int64_t set = measures_.set_of(m);
    std::vector<std::int64_t>& figures = piece.figures.emplace_back(states.size());
    if (set < 0) {
      measures_.finish(m, states, figures);
      continue;
    }
    ValueWalk walk(tables[static_cast<std::size_t>(set) + 1], words);
    std::vector<GroupMeasures::Counted> values;
    for (std::size_t group = 0; group < states.size(); ++group) {
      walk.take(piece.keys.data() + group * words, values);
      figures[group] = measures_.finish(m, values);
    }
  }
  return piece;
}

void sample_keys(const KeyLayout& keys, const RowTile& tile, std::vector<std::uint64_t>& sampled) {
  std::vector<std::uint64_t> all;
  keys.encode(tile, all);
  const auto words = static_cast<std::size_t>(keys.words());
  for (std::size_t row = 0; row < tile.rows; row += sampled_row)
    for (std::size_t w = 0; w < words; ++w) sampled.push_back(all[row * words + w]);
}

}  // namespace cohort
