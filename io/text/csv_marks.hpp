// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

// The two kernels under CSV reading that depend on the instruction level: bytes -> bit masks -> positions.

namespace cohort {

inline constexpr std::size_t csv_block_bytes = 64;

/// What is special in a text: the byte between fields, and quotes, unless they are text like any other.
struct CsvDialect {
  char delimiter = ',';
  bool has_quotes = true;

  // NOLINTNEXTLINE(google-explicit-constructor): a delimiter alone is a dialect
  constexpr CsvDialect(char mark, bool quotes = true) : delimiter(mark), has_quotes(quotes) {}
};

/// Which of 64 consecutive bytes are special to CSV; bit i stands for byte i.
struct CsvMarks {
  std::uint64_t quotes, delimiters;
  std::uint64_t newlines;  ///< CR and LF
  std::uint64_t returns;   ///< CR only
};

/// Which of 64 consecutive bytes end a field, and which of those also end a record.
struct CsvEnds {
  std::uint64_t fields, records;
};

/// A listed end: the position in its low 31 bits, and this bit when it ends a record.
inline constexpr std::uint32_t csv_record_end = 0x8000'0000;

/// Marks the bytes of `text` in blocks of 64, the last one padded with unmarked bytes; `marks` takes ceil(size / 64).
void find_marks(std::string_view text, CsvDialect dialect, CsvMarks* marks);

/// Lines of consecutive blocks that hold neither quotes nor carriage returns; else nothing but that is told.
struct CsvLines {
  bool plain = true;
  std::int64_t newlines = 0, records = 0;            ///< records: those that begin behind one of the newlines
  std::int64_t first_record = -1, last_record = -1;  ///< where such records begin, from the first block on
};
[[nodiscard]] CsvLines count_lines(std::span<const CsvMarks> blocks);

/// Lists the ends of consecutive blocks, the first of which starts at position `base`; returns the end of the list.
/// `list` takes 64 entries per block and 16 more.
std::uint32_t* list_ends(std::span<const CsvEnds> blocks, std::uint32_t base, std::uint32_t* list);

}  // namespace cohort
