// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/segments/kmeans_kernel.hpp"
#include "algorithms/statistics/table_pass.hpp"
#include "core/context.hpp"

namespace cohort {

/// 64-byte aligned room for the tiles of a block.
template <class T>
class TileBuffer {
 public:
  /// Packs a block without missing values; the view lives until the next call.
  PointBlock<T> pack(const NumericBlock& block);
  /// What the last call packed.
  [[nodiscard]] const PointBlock<T>& packed() const { return packed_; }

 private:
  struct alignas(64) CacheLine {
    T values[64 / sizeof(T)];
  };
  std::vector<CacheLine> lines_;
  PointBlock<T> packed_;
};

/// The points of this rank in packed form: kept in memory when they and 16 bytes of state for each point fit into what
/// is left of memory_per_rank, less a tenth of it; otherwise packed afresh from the table in each pass. Same bits.
template <class T>
class PackedPoints {
 public:
  /// Collective. The table must outlive the points and hold no missing values.
  PackedPoints(const NumericTable& table, const Context& context);

  [[nodiscard]] bool resident() const { return resident_; }
  [[nodiscard]] std::int64_t block_count() const { return table_.block_count(); }
  [[nodiscard]] std::int64_t total_rows() const { return table_.total_rows(); }
  [[nodiscard]] std::int64_t dimensions() const { return static_cast<std::int64_t>(table_.columns().size()); }
  /// Block `index` of this rank; the view lives until the worker's next call.
  PointBlock<T> block(int worker, std::int64_t index);

 private:
  const NumericTable& table_;
  Readers readers_;
  bool resident_ = false;
  std::vector<TileBuffer<T>> buffers_;  ///< of each block if resident, else of each worker
};

}  // namespace cohort
