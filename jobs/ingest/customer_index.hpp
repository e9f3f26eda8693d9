// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/store/shard_writer.hpp"
#include "jobs/ingest/row_format.hpp"

namespace cohort {

/// The customers of one shard, numbered as they are met and ranked in the end. Integer ids sort by value, text ids by
/// bytes. Ids are views of the rows, which must stay.
class CustomerIndex {
 public:
  explicit CustomerIndex(bool text_ids);

  /// The number of the row's customer, a new one if it is new.
  std::uint32_t add(const RowFormat& format, const std::byte* row);
  /// Whether the row's customer has been added.
  [[nodiscard]] bool contains(const RowFormat& format, const std::byte* row) const {
    return slots_[slot_of(id_of(format, row))].id != empty;
  }
  /// The row's customer as text.
  [[nodiscard]] std::string text_of(const RowFormat& format, const std::byte* row) const {
    return text_of(id_of(format, row));
  }
  void sort();  ///< once, after all adds; what is below, but size(), is for after it

  [[nodiscard]] std::uint32_t rank_of(std::uint32_t number) const { return ranks_[number]; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(ids_.size()); }
  [[nodiscard]] ColumnData id_column() const;  ///< `customer_id`, sorted
  [[nodiscard]] std::string id_text(std::uint32_t rank) const { return text_of(ids_[rank]); }

 private:
  struct Id {
    std::uint64_t key;      ///< the number, or the hash of the text
    std::string_view text;  ///< empty for numbers
  };
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t id = empty;
  };
  static constexpr std::uint32_t empty = UINT32_MAX;

  [[nodiscard]] Id id_of(const RowFormat& format, const std::byte* row) const;
  [[nodiscard]] std::string text_of(const Id& id) const;
  [[nodiscard]] std::size_t slot_of(const Id& id) const;
  void grow();

  bool text_ids_;
  std::vector<Slot> slots_;
  Slot last_;            ///< that a row had: lines of a basket come one after the other
  std::vector<Id> ids_;  ///< by number, then sorted
  std::vector<std::uint32_t> ranks_;
};

/// A column of `rows` missing values.
[[nodiscard]] ColumnValues missing_values(const Column& column, std::size_t rows);

}  // namespace cohort
