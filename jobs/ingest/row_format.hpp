// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "core/column.hpp"

namespace cohort {

/// Begin of a row on its way from the file to its shard.
struct RowHeader {
  std::uint32_t bytes = 0;  ///< of the whole row, a multiple of 8
  std::uint32_t table = 0;
  std::uint64_t customer = 0;  ///< the id, or XXH3-64 of a text id
};

__extension__ using RowDigest = unsigned __int128;  ///< XXH3-128 of all fields of the record

/// Where a row came from, for rows that may still be quarantined.
struct RowPlace {
  static constexpr int offset_bits = 48;
  std::uint64_t position = 0;  ///< rank of the file among the contents, then its byte
  std::int64_t line = 0;
};

/// Where a table's columns lie in a row: header, [digest], [place], fixed fields by column, then texts, each a 4-byte
/// length and its bytes. A text customer is the first text; an integer one is in the header alone.
class RowFormat {
 public:
  /// `columns[0]` is the customer.
  RowFormat(const std::vector<Column>& columns, bool with_digest, bool with_place = false);

  [[nodiscard]] std::size_t fixed_bytes() const { return fixed_bytes_; }
  [[nodiscard]] bool with_digest() const { return with_digest_; }
  [[nodiscard]] bool with_place() const { return with_place_; }
  [[nodiscard]] std::size_t place_offset() const { return sizeof(RowHeader) + (with_digest_ ? sizeof(RowDigest) : 0); }
  [[nodiscard]] std::size_t offset(std::size_t column) const { return offsets_[column]; }  ///< of a fixed field
  [[nodiscard]] const std::vector<std::size_t>& texts() const { return texts_; }           ///< columns, in order

  /// Text `index` (a position in texts()) of a row.
  [[nodiscard]] std::string_view text(const std::byte* row, std::size_t index) const;

  static RowHeader header(const std::byte* row) { return load<RowHeader>(row, 0); }
  static RowDigest digest(const std::byte* row) { return load<RowDigest>(row, sizeof(RowHeader)); }
  template <class T>
  static T load(const std::byte* row, std::size_t offset) {
    T value;
    std::memcpy(&value, row + offset, sizeof value);
    return value;
  }
  template <class T>
  static void store(std::byte* row, std::size_t offset, T value) {
    std::memcpy(row + offset, &value, sizeof value);
  }

 private:
  bool with_digest_, with_place_;
  std::size_t fixed_bytes_;
  std::vector<std::size_t> offsets_;
  std::vector<std::size_t> texts_;
};

}  // namespace cohort
