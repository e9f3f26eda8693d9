// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "io/text/compressed_stream.hpp"
#include "io/text/csv_source.hpp"

namespace cohort {

/// Pass 2 over one unit: yields the records that start in it, the header of the file left out. One span for a unit of
/// a plain file, spans of about unit_bytes for a compressed file. Memory: the caller's buffer, at most unit_bytes and
/// one record and 0.25 MiB; for a compressed file also one record and 0.3 MiB.
class CsvUnitReader {
 public:
  /// `source` must outlive the reader.
  CsvUnitReader(const CsvSource& source, std::size_t unit, const CsvUnitPlan& plan);

  /// Fills `buffer` with the next whole records and points `span` at them; false at the end of the unit. Throws
  /// Error(bad_data) for a record above max_record_bytes, a quote still open at the end of the file, and a file that
  /// changed. A buffer may be handed to another thread while the next is filled.
  bool next(std::string& buffer, CsvSpan& span);

 private:
  CsvSpan read_plain(std::string& buffer);
  void read_rest_of_record(std::string& buffer) const;
  CsvSpan read_compressed(std::string& buffer);
  [[nodiscard]] std::size_t whole_records(std::string_view text, std::size_t fresh);
  [[noreturn]] void fail(std::string_view text, std::size_t record) const;
  void drop_header(CsvSpan& span);

  const CsvSource& source_;
  const CsvFile& file_;
  CsvUnit unit_;
  CsvUnitPlan plan_;
  bool header_ahead_;
  bool done_ = false;
  std::int64_t line_;  ///< of the first byte of the unit, and of the next span of a compressed file

  // Of a compressed file only.
  std::unique_ptr<CompressedStream> stream_;
  std::string carried_;  ///< start of the record that goes on in the next span
  CsvState state_ = CsvState::record_start;
  bool after_return_ = false;
  std::int64_t offset_ = 0;  ///< of the next span
};

/// The text of a file's first record without the newline that ends it; empty when the file has none. Throws
/// Error(bad_data) as CsvUnitReader::next() does.
[[nodiscard]] std::string read_csv_header(const CsvSource& source, std::int32_t file);

}  // namespace cohort
