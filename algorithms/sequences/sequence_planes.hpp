// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/sequences/sequence_bytes.hpp"
#include "algorithms/sequences/sequence_database.hpp"
#include "algorithms/sequences/sequence_projection.hpp"

namespace cohort {

/// What may follow a pattern without time constraints, by item: one column a sequence that holds the pattern, one row a
/// candidate, with its last place after the pattern in plane 0, the one before in plane 1 and so on; 0 where there are
/// no more. Places count from the end of the pattern and are below 255, so that 64 sequences are looked at together
/// (after Yang et al., "LAPIN", DASFAA 2007, and the bitmaps of Ayres et al., "SPAM", KDD 2002).
class SequencePlanes {
 public:
  static constexpr std::int64_t longest = 254;  ///< elements after the pattern

  /// The candidates after the `places` of a pattern: one place a sequence, none with more than `longest` elements after
  /// it, one item an element. Nothing where the rows would be too empty to pay. `row_of` has a place for every item and
  /// is -1 throughout, before and after.
  [[nodiscard]] static std::optional<SequencePlanes> of(const SequenceDatabase& sequences,
                                                        std::span<const Occurrence> places,
                                                        std::span<const std::int32_t> candidates,
                                                        std::vector<std::int32_t>& row_of);
  /// The same columns and, of the rows, those of `kept`, a part of `candidates`, both rising. Rows stay where they are
  /// unless few of the columns have an end below 255: then these are packed, and `ends` with them.
  [[nodiscard]] SequencePlanes narrowed(std::span<const std::int32_t> candidates, std::span<const std::int32_t> kept,
                                        std::vector<ByteLine>& ends) const;

  /// Sequences in which row `row` comes after the ends.
  [[nodiscard]] std::int64_t count_after(std::size_t row, const ByteLine* ends) const {
    return kernels_->count_after(at(row), ends, lines_);
  }
  /// Where it comes first: the ends of the longer pattern.
  void first_after(std::size_t row, const ByteLine* ends, ByteLine* longer) const {
    kernels_->first_after(at(row), rows_[row].planes, ends, longer, lines_);
  }
  /// Those of the pattern that the planes were made for.
  [[nodiscard]] std::vector<ByteLine> first_ends() const;
  /// Of ends, and of each plane.
  [[nodiscard]] std::int64_t lines() const { return lines_; }

 private:
  struct Row {
    std::uint32_t line = 0, planes = 1;  ///< an empty plane where the item does not come
  };
  static constexpr std::uint8_t gone = 255;  ///< the end in a sequence that does not hold the pattern

  [[nodiscard]] const ByteLine* at(std::size_t row) const { return bytes_.get() + rows_[row].line; }
  /// Lays out the rows for so many columns; how many lines they take.
  std::int64_t allot(std::int64_t columns);
  void pack(const SequencePlanes& whole, std::int64_t columns, std::vector<ByteLine>& ends);
  /// Columns that only fill the last line hold no pattern.
  void close(std::vector<ByteLine>& ends) const;

  const ByteKernels* kernels_ = &byte_kernels();
  std::int64_t columns_ = 0, lines_ = 0;
  std::vector<Row> rows_;
  std::shared_ptr<ByteLine[]> bytes_;  ///< also of the patterns that this one was narrowed from
};

/// Planes of what may follow a pattern, and the ends of the longer ones: what children of a node share.
struct SequenceColumns {
  SequencePlanes planes;
  std::vector<ByteLine> ends;
};

}  // namespace cohort
