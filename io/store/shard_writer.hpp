// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/column.hpp"
#include "io/store/manifest.hpp"

namespace cohort {

/// Texts one after the other: text i is bytes [offsets[i], offsets[i + 1]). A missing text is empty.
struct TextValues {
  std::vector<std::int64_t> offsets{0};
  std::vector<char> bytes;

  [[nodiscard]] std::size_t size() const { return offsets.size() - 1; }
  [[nodiscard]] std::string_view operator[](std::size_t row) const {
    return {bytes.data() + offsets[row], static_cast<std::size_t>(offsets[row + 1] - offsets[row])};
  }
  void push_back(std::string_view text) {
    bytes.insert(bytes.end(), text.begin(), text.end());
    offsets.push_back(std::ssize(bytes));
  }
  bool operator==(const TextValues&) const = default;
};

using ColumnValues =
    std::variant<std::vector<std::int32_t>, std::vector<std::int64_t>, std::vector<double>, TextValues>;
[[nodiscard]] std::int64_t rows_of(const ColumnValues& values);

/// A column in memory; the kind of `values` is `storage_of(column.type)`.
struct ColumnData {
  Column column;
  ColumnValues values;
};

/// A table in memory; all columns have the same rows.
struct TableData {
  std::string name;
  std::vector<ColumnData> columns;
};

/// Schema of a table in memory, for the manifest.
[[nodiscard]] TableSchema schema_of(const TableData& table);

/// Writes one shard under a temporary name and renames it; sync_shards must follow. The same tables give the same
/// bytes. Chunks are packed outside `hdf5_mutex()`, so several threads may write shards at once. Throws
/// Error(io_error), and Error(internal) for columns of unequal rows or of the wrong kind.
[[nodiscard]] ShardEntry write_shard(const std::string& path, std::span<const TableData> tables);
/// Flushes shards to the disk, once all are written: waiting for each in turn would cost more than writing them.
void sync_shards(const std::string& folder, std::span<const ShardEntry> shards, int threads);

}  // namespace cohort
