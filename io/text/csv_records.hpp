// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "io/text/csv_source.hpp"

namespace cohort {

/// Consecutive records, by needed column. Views live until the next batch or the end of the span's buffer.
struct CsvBatch {
  /// A record whose number of fields is not that of the header.
  struct Ragged {
    std::int64_t offset = 0;  ///< in the (decompressed) file
    std::size_t fields = 0;
  };
  std::size_t rows = 0;                                ///< without the ragged ones
  std::vector<std::vector<std::string_view>> columns;  ///< in the order asked for; unquoted; the first `rows` count
  std::vector<std::int64_t> offsets;                   ///< of each row in the (decompressed) file
  std::vector<Ragged> ragged;
};

/// Splits spans of whole records into fields. Fields are views of the span; only those that hold a doubled quote, or
/// text after a closing quote, are copied. Memory: 16 bytes per needed field of a batch, 0.2 MiB, and 4 bytes per field
/// of the longest record.
class CsvRecords {
 public:
  /// Records have `fields` fields, of which those at `needed` are yielded.
  CsvRecords(CsvDialect dialect, std::size_t fields, std::vector<std::size_t> needed);

  /// Goes on with the records of `span`, which must be below 2 GiB and start between records.
  void start(const CsvSpan& span);
  /// Yields up to `rows` records, the ragged ones apart; false at the end of the span.
  bool next_batch(CsvBatch& batch, std::size_t rows);

  /// Line of the record at `offset` of the file; a pass over the span in all when asked in order of offsets.
  [[nodiscard]] std::int64_t line_of(std::int64_t offset);
  /// The raw text of the record that starts at `offset` of the file, without the newline that ends it.
  [[nodiscard]] std::string_view text_of(std::int64_t offset) const;

 private:
  template <bool quoted>
  void take_records(CsvBatch& batch, std::size_t rows);
  bool list_window();
  CsvEnds resolve(const CsvMarks& raw);
  std::string_view unquote(std::string_view raw);

  CsvDialect dialect_;
  std::size_t fields_;
  std::vector<std::size_t> needed_;
  CsvSpan span_;

  // The ends of fields listed so far: [0] is that of the last record taken, then those of [1, listed_), then a
  // sentinel.
  std::vector<std::uint32_t> ends_;
  std::size_t taken_ = 0;  ///< ends_[taken_] ends the last record taken
  std::size_t listed_ = 0;
  std::size_t window_ = 0;  ///< position of the next window to list
  CsvMarks previous_{};     ///< the block before that window
  std::uint64_t previous_inside_ = 0;
  bool quoted_ = false;  ///< a quote has been seen in this span

  std::vector<CsvMarks> marks_;
  std::vector<CsvEnds> blocks_;
  std::pmr::monotonic_buffer_resource unquoted_;
  std::size_t counted_to_ = 0;  ///< line_of() has counted the newlines before this position
  std::int64_t line_ = 1;
};

}  // namespace cohort
