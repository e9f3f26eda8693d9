// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/column.hpp"
#include "io/store/manifest.hpp"
#include "io/store/shard_writer.hpp"
#include "io/store/stream_reader.hpp"

namespace cohort {

/// 64-byte aligned room for `size` values, not initialised.
template <typename T>
class AlignedArray {
 public:
  explicit AlignedArray(std::size_t size) : data_(static_cast<T*>(::operator new(size * sizeof(T), alignment))) {}
  [[nodiscard]] T* data() const { return data_.get(); }

 private:
  static constexpr std::align_val_t alignment{64};
  struct Free {
    void operator()(T* data) const noexcept { ::operator delete(data, alignment); }
  };
  std::unique_ptr<T, Free> data_;
};

/// Reads one column of fixed width, shard after shard. For one thread; memory as `StreamReader`.
class ColumnReader {
 public:
  /// Throws Error(bad_config) for a text column.
  ColumnReader(const std::string& table, Column column);

  /// Goes to a shard; both must stay until the next `attach`. `entry` is this column's.
  void attach(const InputFile& file, const ColumnEntry& entry);

  /// Rows [begin, end) as stored; T must be the type of `storage_of(column().type)`.
  template <typename T>
  void read(std::int64_t begin, std::int64_t end, T* out) {
    std::get<StreamReader<T>>(reader_).read(begin, end, out);
  }
  /// Rows [begin, end) by value: decimals divided by 10^scale, missing as `missing_float64`.
  void read_values(std::int64_t begin, std::int64_t end, double* out);
  void will_need(std::int64_t begin, std::int64_t end) const;

  [[nodiscard]] const Column& column() const { return column_; }

 private:
  using Reader = std::variant<StreamReader<std::int32_t>, StreamReader<std::int64_t>, StreamReader<double>>;
  static Reader reader_of(StreamName name, Storage storage);

  Column column_;
  Reader reader_;
};

/// A whole column of one shard, for ids, categories and text. Throws Error(bad_config) for an unknown table or column,
/// Error(bad_data) for a damaged file, Error(input_missing).
[[nodiscard]] ColumnValues read_column(const Manifest& manifest, const std::string& folder, std::size_t shard,
                                       std::string_view table, std::string_view column);
/// The same for a shard-like file that is open: column `column` of table entry `table`.
[[nodiscard]] ColumnValues read_column(const InputFile& file, const TableEntry& table, const std::string& table_name,
                                       const Column& column, std::size_t index);

}  // namespace cohort
