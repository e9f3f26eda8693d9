// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/block.hpp"
#include "io/store/manifest.hpp"

namespace cohort {

inline constexpr std::int64_t numeric_block_rows = 16384;

/// A table of a dataset as numbers, block by block: 16384 rows of one shard, the last block of a shard shorter.
/// A reader needs per column 128 KiB and what `StreamReader` keeps: at most 1.2 MiB.
class ShardNumericTable final : public NumericTable {
 public:
  /// `manifest` outlives the table; `shards` are those of this rank. Throws Error(bad_config) for an unknown or text
  /// column, Error(input_missing, bad_data) for a missing or cut shard.
  ShardNumericTable(const Manifest& manifest, std::string folder, std::vector<std::int32_t> shards,
                    std::vector<std::string> columns, std::string_view table = customers_table);

  [[nodiscard]] const std::vector<std::string>& columns() const override { return names_; }
  [[nodiscard]] std::int64_t total_rows() const override { return total_rows_; }
  [[nodiscard]] std::int64_t block_count() const override { return std::ssize(blocks_); }
  [[nodiscard]] std::int64_t block_rows(std::int64_t index) const override {
    return blocks_[static_cast<std::size_t>(index)].rows;
  }
  [[nodiscard]] std::unique_ptr<Reader> reader() const override;
  [[nodiscard]] std::optional<NumericGrid> grid(std::size_t column) const override;

 private:
  class ShardReader;
  struct Block {
    std::int32_t shard;
    std::int64_t first;         ///< row in the shard
    std::int64_t first_global;  ///< row in the dataset
    std::int64_t rows;
  };
  void add_blocks(std::int32_t shard, std::int64_t first_global);

  const Manifest& manifest_;
  std::string folder_;
  std::vector<std::string> names_;
  std::size_t table_;
  std::vector<std::size_t> columns_;  ///< indices in the schema
  std::int64_t total_rows_;
  std::vector<Block> blocks_;
};

}  // namespace cohort
