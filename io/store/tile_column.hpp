// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/block.hpp"
#include "io/store/shard_reader.hpp"

namespace cohort {

/// One column's part of a tile of at most `rows` rows, as stored.
class TileColumn {
 public:
  TileColumn(const std::string& table, const Column& column, std::int64_t rows)
      : reader_(table, column), room_(static_cast<std::size_t>(rows)) {}

  ColumnReader& reader() { return reader_; }

  /// Rows [begin, end) of the shard; the view lives until the next call.
  ColumnView read(std::int64_t begin, std::int64_t end) {
    switch (storage_of(reader_.column().type)) {
      case Storage::int32: return {.int32s = fill<std::int32_t>(begin, end), .int64s = {}, .float64s = {}};
      case Storage::int64: return {.int32s = {}, .int64s = fill<std::int64_t>(begin, end), .float64s = {}};
      default: return {.int32s = {}, .int64s = {}, .float64s = fill<double>(begin, end)};
    }
  }

 private:
  struct alignas(8) Cell {
    std::byte bytes[8];
  };

  template <typename T>
  std::span<const T> fill(std::int64_t begin, std::int64_t end) {
    T* const out = reinterpret_cast<T*>(room_.data());
    reader_.read(begin, end, out);
    return {out, static_cast<std::size_t>(end - begin)};
  }

  ColumnReader reader_;
  AlignedArray<Cell> room_;  ///< of the widest type
};

}  // namespace cohort
