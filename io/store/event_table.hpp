// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/block.hpp"
#include "io/store/manifest.hpp"

namespace cohort {

inline constexpr std::int64_t event_block_events = 65536;  ///< a block ends with the customer that reaches it
inline constexpr std::int64_t event_tile_size = 8192;      ///< most events, and most customers, of a tile

/// Name of the customers' column with the first event of each customer.
[[nodiscard]] std::string offset_column(std::string_view event_table);

/// An event table of a dataset. A reader needs 64 KiB per column for the tile, 0.4 MiB for runs and offsets, and per
/// column what `StreamReader` keeps, however many events a customer has.
class ShardEventTable final : public EventTable {
 public:
  /// `manifest` outlives the table; `shards` are those of this rank. Reads the offsets of all customers once to lay
  /// out the blocks. Throws Error(bad_config) for an unknown or text column, Error(input_missing, bad_data).
  ShardEventTable(const Manifest& manifest, std::string folder, std::vector<std::int32_t> shards,
                  std::string_view table, const std::vector<std::string>& columns);

  [[nodiscard]] const std::vector<Column>& columns() const override { return columns_; }
  [[nodiscard]] std::span<const Block> blocks() const override { return blocks_; }
  [[nodiscard]] std::unique_ptr<Reader> reader() const override;

 private:
  class ShardReader;
  [[nodiscard]] const ShardEntry& shard(std::int32_t index) const {
    return manifest_.shards[static_cast<std::size_t>(index)];
  }
  void add_blocks(std::int32_t shard);

  const Manifest& manifest_;
  std::string folder_;
  std::size_t table_, customers_, offsets_;  ///< indices in the schema
  std::vector<std::size_t> indices_;         ///< of the columns
  std::vector<Column> columns_;
  std::vector<Block> blocks_;
};

}  // namespace cohort
