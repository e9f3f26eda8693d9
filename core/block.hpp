// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/column.hpp"

// Where io and algorithms meet: io fills these views, algorithms read them. A block is a fixed run of rows inside a
// shard, the same whatever the number of ranks and threads.

namespace cohort {

/// One decoded column of a block, 64-byte aligned. Which span is filled follows `storage_of(type)`.
struct ColumnView {
  std::span<const std::int32_t> int32s;
  std::span<const std::int64_t> int64s;
  std::span<const double> float64s;
};

/// Rows of a table as numbers: integers and decimals as value, missing as NaN.
struct NumericBlock {
  std::int64_t first_row =
      0;  ///< number of the first row in the whole dataset (shard order): the key of random numbers
  std::int64_t rows = 0;
  std::vector<std::span<const double>> columns;  ///< each of length `rows`
};

/// What is known of a column before it is read: its values are whole numbers from `low` to `high`, over `divisor`.
struct NumericGrid {
  std::int64_t low = 0, high = 0;  ///< over all ranks
  double divisor = 1;              ///< a power of ten
};

/// The blocks of a table that this rank owns. Thread-safe: each worker reads through a reader of its own.
class NumericTable {
 public:
  class Reader {
   public:
    virtual ~Reader() = default;
    /// Block `index` of this rank, 0 <= index < block_count(). The view lives until the next call.
    virtual NumericBlock read(std::int64_t index) = 0;
  };

  virtual ~NumericTable() = default;
  [[nodiscard]] virtual const std::vector<std::string>& columns() const = 0;
  [[nodiscard]] virtual std::int64_t total_rows() const = 0;   ///< over all ranks
  [[nodiscard]] virtual std::int64_t block_count() const = 0;  ///< of this rank; may be 0
  [[nodiscard]] virtual std::int64_t block_rows(std::int64_t index) const = 0;
  [[nodiscard]] virtual std::unique_ptr<Reader> reader() const = 0;
  /// The grid on which the values of a column lie, if that is known; the same on all ranks.
  [[nodiscard]] virtual std::optional<NumericGrid> grid(std::size_t /*column*/) const { return std::nullopt; }
};

/// Consecutive events of one customer inside a tile.
struct CustomerRun {
  std::int64_t customer = 0;          ///< row of the customer in the shard's customers table
  std::int32_t begin = 0, end = 0;    ///< events [begin, end) of the tile; begin == end for a customer without events
  bool starts = false, ends = false;  ///< the tile holds the customer's first / last event
};

/// A cache-sized piece of an event block: customers in order, each one's events by (time, source position).
struct EventTile {
  std::span<const CustomerRun> runs;
  std::span<const ColumnView> columns;  ///< in the order asked for
};

/// A cache-sized run of rows of any table, as stored.
struct RowTile {
  std::int64_t first = 0;  ///< in the shard
  std::size_t rows = 0;
  std::span<const ColumnView> columns;  ///< in the order asked for
};

/// The event blocks that this rank owns: runs of whole customers of one shard, delivered tile by tile.
class EventTable {
 public:
  struct Block {
    std::int32_t shard = 0;  ///< number of the shard in the dataset
    std::int64_t first_customer = 0, customers = 0;
    std::int64_t events = 0;
  };
  class Reader {
   public:
    virtual ~Reader() = default;
    /// Calls `add` for each tile of block `index` in order. A customer with many events spans several tiles.
    virtual void read(std::int64_t index, const std::function<void(const EventTile&)>& add) = 0;
  };

  virtual ~EventTable() = default;
  [[nodiscard]] virtual const std::vector<Column>& columns() const = 0;
  [[nodiscard]] virtual std::span<const Block> blocks() const = 0;  ///< ordered by shard, then customer
  [[nodiscard]] virtual std::unique_ptr<Reader> reader() const = 0;
};

}  // namespace cohort
