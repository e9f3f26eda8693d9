// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/block.hpp"
#include "io/store/manifest.hpp"

namespace cohort {

inline constexpr std::int64_t row_block_rows = 65536;  ///< a stored chunk, so that no chunk is read twice
inline constexpr std::int64_t row_tile_rows = 4096;

/// Rows of any table of a dataset as stored, for work to which it is all one whose rows they are. A reader needs
/// 32 KiB a column for the tile and what `StreamReader` keeps.
class ShardRowTable {
 public:
  struct Block {
    std::int32_t shard = 0;
    std::int64_t first = 0, rows = 0;  ///< in the shard
  };
  /// For one thread.
  class Reader {
   public:
    virtual ~Reader() = default;
    /// Calls `add` for each tile of block `index`, in order.
    virtual void read(std::int64_t index, const std::function<void(const RowTile&)>& add) = 0;
  };

  /// `manifest` outlives the table; `shards` are those of this rank. Throws Error(bad_config) for an unknown or text
  /// column.
  ShardRowTable(const Manifest& manifest, std::string folder, std::vector<std::int32_t> shards, std::string_view table,
                const std::vector<std::string>& columns);

  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
  [[nodiscard]] std::span<const Block> blocks() const { return blocks_; }
  /// Where the integers of a column lie in a block; reads no data.
  [[nodiscard]] const Zone& zone(const Block& block, std::size_t column) const;
  [[nodiscard]] std::unique_ptr<Reader> reader() const;

 private:
  class ShardReader;

  const Manifest& manifest_;
  std::string folder_;
  std::size_t table_;
  std::vector<std::size_t> indices_;  ///< of the columns, in the schema
  std::vector<Column> columns_;
  std::vector<Block> blocks_;
};

}  // namespace cohort
