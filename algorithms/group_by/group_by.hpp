// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "algorithms/group_by/group_keys.hpp"
#include "algorithms/group_by/group_measures.hpp"
#include "algorithms/group_by/group_outbox.hpp"
#include "algorithms/group_by/key_ranges.hpp"
#include "core/context.hpp"
#include "core/repartition.hpp"

namespace cohort {

class GroupTable;
class GroupWorker;

/// Groups with consecutive keys, ascending.
struct GroupPiece {
  int number = 0;                                  ///< of the range of keys; larger numbers have larger keys
  std::vector<std::uint64_t> keys;                 ///< KeyLayout::words() for each group
  std::vector<std::vector<std::int64_t>> figures;  ///< by measure: integers as stored, doubles as their bits

  [[nodiscard]] std::size_t groups(int key_words) const { return keys.size() / static_cast<std::size_t>(key_words); }
};

/// Figures of groups of rows, on all ranks, in bounded memory: a thread adds rows to a table that stays in its cache;
/// what does not fit there leaves for the range of keys it belongs to, which comes together on one rank and is
/// sorted. Where hardly any two rows of a tableful share a group, rows leave at once.
class GroupBy {
 public:
  /// Collective. `sampled` are keys of some of this rank's rows, `rows` those of all ranks.
  GroupBy(const Context& context, const KeyLayout& keys, const GroupMeasures& measures,
          const std::vector<std::uint64_t>& sampled, std::int64_t rows, const std::string& spill_folder);
  ~GroupBy();
  GroupBy(const GroupBy&) = delete;
  GroupBy& operator=(const GroupBy&) = delete;

  /// Adds a tile's rows; each worker keeps to its own.
  void add(int worker, const RowTile& tile);
  /// Collective. The pieces that came to this rank, ascending. Throws Error(plan_refused) where one range, or this
  /// rank's groups, do not fit.
  [[nodiscard]] std::vector<GroupPiece> finish();

  /// Over all ranks.
  [[nodiscard]] int pieces() const { return static_cast<int>(ranges_.count()); }
  /// Rows of this rank that passed the filter of all rows.
  [[nodiscard]] std::int64_t rows_used() const;

 private:
  [[nodiscard]] std::vector<GroupTable> merged(std::int64_t range,
                                               std::span<const std::span<const std::byte>> pieces) const;
  [[nodiscard]] GroupPiece make_piece(std::int64_t range, std::span<const std::span<const std::byte>> pieces) const;
  void make_dense(std::size_t range, std::size_t entries, GroupTable& table) const;
  void check_partitions() const;

  const Context& context_;
  const KeyLayout& keys_;
  const GroupMeasures& measures_;
  KeyRanges ranges_;
  std::vector<GroupOutbox::Lengths> channels_;  ///< groups, then each set of values
  Repartition exchange_;
  std::vector<std::unique_ptr<GroupWorker>> workers_;
};

/// Appends the keys of some rows of a tile.
void sample_keys(const KeyLayout& keys, const RowTile& tile, std::vector<std::uint64_t>& sampled);

}  // namespace cohort
