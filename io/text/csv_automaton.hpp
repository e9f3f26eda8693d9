// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "io/text/csv_marks.hpp"

// What a CSV file means is what one serial automaton reads, the one of Python's csv module with its defaults: a quote
// is special only at the start of a field, "" inside quotes is a quote, text after a closing quote belongs to the
// field, CR, LF and CRLF end records, blank lines are no records. A byte range is a function on the automaton's states,
// and such functions compose, so any split of a file reads the same (Mytkowicz, Musuvathi, Schulte, "Data-parallel
// finite-state machines", ASPLOS 2014).

namespace cohort {

enum class CsvState : std::uint8_t { record_start, field_start, unquoted, quoted, quote_in_quoted };
inline constexpr std::size_t csv_states = 5;

/// The automaton itself, one byte at a time.
[[nodiscard]] constexpr CsvState step(CsvState state, char byte, CsvDialect dialect) {
  if (state == CsvState::quoted) return byte == '"' ? CsvState::quote_in_quoted : CsvState::quoted;
  if (byte == '\n' || byte == '\r') return CsvState::record_start;
  if (byte == dialect.delimiter) return CsvState::field_start;
  return byte == '"' && dialect.has_quotes && state != CsvState::unquoted ? CsvState::quoted : CsvState::unquoted;
}

/// What a byte range does to each state it may be entered in. Trivially copyable: ranks exchange it as bytes.
struct CsvTransition {
  struct Path {
    CsvState exit;
    std::int64_t records = 0;        ///< begun in the range
    std::int64_t first_record = -1;  ///< position in the range where the first begins; -1: none does
    std::int64_t last_record = -1;   ///< position in the range where the last begins
  };
  std::array<Path, csv_states> paths;
  std::int64_t bytes = 0;
  std::int64_t newlines = 0;  ///< CRLF is one, inside quotes too
  bool starts_with_feed = false, ends_with_return = false;

  /// The transition of an empty range.
  CsvTransition();
  [[nodiscard]] const Path& from(CsvState state) const { return paths[static_cast<std::size_t>(state)]; }
};

/// The transition of the range that is `a` followed by `b`; associative.
[[nodiscard]] CsvTransition compose(const CsvTransition& a, const CsvTransition& b);
/// The transition of `text`.
[[nodiscard]] CsvTransition scan(std::string_view text, CsvDialect dialect);

/// Position of the first byte that ends a record when `text` is entered in `state`; npos when none does.
[[nodiscard]] std::size_t find_record_end(std::string_view text, CsvState state, CsvDialect dialect);
/// Newlines in `text`, where CRLF is one; `after_return`: the byte before `text` is a CR.
[[nodiscard]] std::int64_t count_newlines(std::string_view text, bool after_return = false);

/// The bytes of a block that are inside quotes, the opening quote included, when it is entered in `state`. Quotes that
/// are ordinary text are taken out of `marks`.
[[nodiscard]] std::uint64_t inside_quotes(CsvMarks& marks, CsvState state);
/// The state after byte `last` of a block, given what inside_quotes() left and returned.
[[nodiscard]] inline CsvState state_after(const CsvMarks& marks, std::uint64_t inside, std::size_t last) {
  if (inside >> last & 1) return CsvState::quoted;
  if (marks.newlines >> last & 1) return CsvState::record_start;
  if (marks.delimiters >> last & 1) return CsvState::field_start;
  return marks.quotes >> last & 1 ? CsvState::quote_in_quoted : CsvState::unquoted;
}

}  // namespace cohort
