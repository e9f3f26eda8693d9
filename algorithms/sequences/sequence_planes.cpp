// SPDX-License-Identifier: Apache-2.0
#include "algorithms/sequences/sequence_planes.hpp"

#include <algorithm>

namespace cohort {
namespace {

constexpr std::size_t fewest_columns = 16;                         ///< fewer are followed one by one
constexpr std::int64_t most_bytes_a_place = 32, most_planes = 16;  ///< a row on average

std::int64_t lines_for(std::int64_t columns) {
  return (columns + 63) / 64;
}

}  // namespace

std::optional<SequencePlanes> SequencePlanes::of(const SequenceDatabase& sequences, std::span<const Occurrence> places,
                                                 std::span<const std::int32_t> candidates,
                                                 std::vector<std::int32_t>& row_of) {
  if (places.size() < fewest_columns) return std::nullopt;
  for (std::size_t row = 0; row < candidates.size(); ++row)
    row_of[static_cast<std::size_t>(candidates[row])] = static_cast<std::int32_t>(row);
  std::vector<std::int32_t> seen(candidates.size());  ///< in the column at hand
  /// Calls visit(row, plane, place) for all that follows in a column, backwards.
  const auto visit_column = [&](const Occurrence& from, const auto& visit) {
    std::fill(seen.begin(), seen.end(), 0);
    const std::int64_t end = sequences.first_element[static_cast<std::size_t>(from.sequence) + 1];
    for (std::int64_t e = end - 1; e > from.end; --e) {
      const std::int32_t row = row_of[static_cast<std::size_t>(sequences.items[static_cast<std::size_t>(e)])];
      if (row >= 0) visit(static_cast<std::size_t>(row), seen[static_cast<std::size_t>(row)]++, e - from.end);
    }
  };

  SequencePlanes planes;
  planes.rows_.resize(candidates.size());
  std::int64_t filled = 0;
  for (const Occurrence& from : places) {
    visit_column(from, [&](std::size_t row, std::int32_t plane, std::int64_t) {
      planes.rows_[row].planes = std::max(planes.rows_[row].planes, static_cast<std::uint32_t>(plane) + 1);
      ++filled;
    });
  }
  const std::int64_t lines = planes.allot(std::ssize(places));
  const bool pays =
      64 * lines <= most_bytes_a_place * filled && lines <= most_planes * planes.lines_ * std::ssize(candidates);
  if (pays) {
    planes.bytes_ = std::make_shared<ByteLine[]>(static_cast<std::size_t>(lines));
    for (std::size_t column = 0; column < places.size(); ++column) {
      visit_column(places[column], [&](std::size_t row, std::int32_t plane, std::int64_t place) {
        ByteLine* line = planes.bytes_.get() + planes.rows_[row].line + plane * planes.lines_;
        line[column / 64].bytes[column % 64] = static_cast<std::uint8_t>(place);
      });
    }
  }
  for (const std::int32_t item : candidates) row_of[static_cast<std::size_t>(item)] = -1;
  return pays ? std::optional(std::move(planes)) : std::nullopt;
}

std::int64_t SequencePlanes::allot(std::int64_t columns) {
  columns_ = columns;
  lines_ = lines_for(columns);
  std::int64_t line = 0;
  for (Row& row : rows_) {
    row.line = static_cast<std::uint32_t>(line);
    line += row.planes * lines_;
  }
  return line;
}

SequencePlanes SequencePlanes::narrowed(std::span<const std::int32_t> candidates, std::span<const std::int32_t> kept,
                                        std::vector<ByteLine>& ends) const {
  SequencePlanes part;
  part.rows_.reserve(kept.size());
  for (std::size_t row = 0, next = 0; next < kept.size(); ++row) {
    if (candidates[row] != kept[next]) continue;
    part.rows_.push_back(rows_[row]);
    ++next;
  }
  const std::int64_t held = kernels_->count_held(ends.data(), lines_);
  if (2 * lines_for(held) <= lines_) {
    part.pack(*this, held, ends);
  } else {
    part.columns_ = columns_;
    part.lines_ = lines_;
    part.bytes_ = bytes_;
  }
  return part;
}

void SequencePlanes::pack(const SequencePlanes& whole, std::int64_t columns, std::vector<ByteLine>& ends) {
  const std::vector<Row> from = rows_;
  bytes_ = std::make_shared<ByteLine[]>(static_cast<std::size_t>(allot(columns)) + 1);
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    for (std::int64_t plane = 0; plane < rows_[row].planes; ++plane) {
      kernels_->pack(whole.bytes_.get() + from[row].line + plane * whole.lines_, ends.data(),
                     bytes_.get() + rows_[row].line + plane * lines_, whole.lines_);
    }
  }
  std::vector<ByteLine> packed(static_cast<std::size_t>(lines_) + 1);
  kernels_->pack(ends.data(), ends.data(), packed.data(), whole.lines_);
  packed.pop_back();
  close(packed);
  ends = std::move(packed);
}

void SequencePlanes::close(std::vector<ByteLine>& ends) const {
  if (columns_ % 64 != 0) std::fill(ends.back().bytes.begin() + columns_ % 64, ends.back().bytes.end(), gone);
}

std::vector<ByteLine> SequencePlanes::first_ends() const {
  std::vector<ByteLine> ends(static_cast<std::size_t>(lines_));
  close(ends);
  return ends;
}

}  // namespace cohort
