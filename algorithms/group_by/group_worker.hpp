// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/group_by/group_by.hpp"
#include "algorithms/group_by/group_outbox.hpp"
#include "algorithms/group_by/group_table.hpp"

namespace cohort {

/// One thread's part of a group-by: a table of groups and one of counted values for each set, all small enough for the
/// cache, and what leaves them.
class GroupWorker {
 public:
  /// Bytes of the tables of a thread together.
  static constexpr std::int64_t table_bytes = std::int64_t{4} << 20;

  GroupWorker(const KeyLayout& keys, const GroupMeasures& measures, const KeyRanges& ranges, Repartition& exchange,
              int worker, const std::vector<GroupOutbox::Lengths>& channels);

  void add(const RowTile& tile);
  /// Sends what is left.
  void finish();
  [[nodiscard]] std::int64_t rows() const { return rows_; }

 private:
  static constexpr std::size_t batch = 512;

  /// A table, or the way past it.
  struct Channel {
    GroupTable table;
    std::size_t most = 0;   ///< groups
    std::int64_t rows = 0;  ///< since it was empty
    bool direct = false;    ///< rows leave at once: too few share a group
  };
  void add_groups(std::size_t begin, std::size_t count);
  void add_values(std::size_t set, std::size_t begin, std::size_t count);
  /// Places in the channel's table, after making room.
  std::span<std::uint32_t> places_in(Channel& channel, std::size_t index, std::span<const std::uint64_t> keys);
  void empty(Channel& channel, std::size_t index);
  void send(std::size_t channel, const std::uint64_t* key, const std::int64_t* state) {
    outbox_.add(channel, ranges_.of(key), key, state);
  }

  const KeyLayout& keys_;
  const GroupMeasures& measures_;
  const KeyRanges& ranges_;
  GroupOutbox outbox_;
  std::vector<Channel> channels_;
  GroupMeasures::Rows tile_;
  std::int64_t rows_ = 0;
  std::array<std::uint32_t, batch> places_{}, own_places_{};  ///< in a table; 0, 1, 2, ...
  std::vector<std::int64_t> identity_, own_states_;           ///< of a batch of rows, each a group of its own
  std::vector<std::uint64_t> pairs_;                          ///< keys and values
};

}  // namespace cohort
