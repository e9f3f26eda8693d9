// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cohort {

inline constexpr std::int64_t end_of_element = -1;
inline constexpr std::int64_t end_of_sequence = -2;

/// What one rank read of a file of sequences.
struct SequenceText {
  std::vector<std::int64_t>
      tokens;  ///< items from 0, `end_of_element` after each element, `end_of_sequence` after each line
  std::vector<std::int64_t> rows;  ///< of these sequences: their numbers in the file, from 0
  std::int64_t lines = 0;          ///< sequences of the whole file
};

/// Reads part `part` of `parts` of a text file in SPMF's format, plain or gzip: a line a sequence, items are whole
/// numbers from 0, `-1` ends an element, `-2` the sequence. A line without these marks has an item an element. Empty
/// lines and lines that begin with # % or @ are skipped. Part p has every parts-th run of 1,024 lines; all parts read
/// the bytes of the file, each parses its own. Throws Error(input_missing, bad_data) naming file, line and column.
[[nodiscard]] SequenceText read_sequence_text(const std::string& path, int part, int parts);

}  // namespace cohort
