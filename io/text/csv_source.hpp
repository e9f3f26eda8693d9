// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/text/compressed_stream.hpp"
#include "io/text/csv_automaton.hpp"

// Reading CSV files in parallel takes two passes over fixed byte ranges ("units"), which any rank or thread may take in
// any order. Pass 1 finds each unit's transition and hash. All ranks then share the transitions, which tell where each
// unit's first record starts. Pass 2 yields the records that start in each unit.

namespace cohort {

struct CsvOptions {
  char delimiter = ',';
  bool has_quotes = true;
  bool header = true;  ///< the first record of a file names its columns
  std::int64_t unit_bytes = std::int64_t{8} << 20;
  std::int64_t max_record_bytes = std::int64_t{16} << 20;  ///< at least unit_bytes, below 1 GiB

  [[nodiscard]] CsvDialect dialect() const { return {delimiter, has_quotes}; }
};

/// A file as it was when the job first looked at it.
struct CsvFile {
  std::string path;
  std::int64_t bytes = 0;
  std::int64_t modified_ns = 0;
  std::int64_t body = 0;  ///< where its text starts: 3 after a UTF-8 byte order mark, else 0
  Compression compression = Compression::none;

  [[nodiscard]] bool is_compressed() const { return compression != Compression::none; }

  /// Throws Error(input_missing, no_permission, io_error), and Error(bad_data) for UTF-16 and for
  /// formats that are no delimited text, with the command that converts them; JSON lines may be expected.
  [[nodiscard]] static CsvFile look_at(std::string path, bool json_lines = false);
  /// Throws Error(bad_data) when size or time of change are no longer the same.
  void check_unchanged() const;
};

/// Bytes [begin, end) of one file; a compressed file is one unit, of its compressed bytes.
struct CsvUnit {
  std::int32_t file = 0;
  std::int64_t begin = 0, end = 0;
};

using CsvHash = std::array<std::uint8_t, 16>;  ///< XXH3-128, most significant byte first

/// What pass 1 finds in a unit. Trivially copyable. A compressed unit has the transition of an empty range.
struct CsvUnitScan {
  CsvTransition transition;
  CsvHash hash{};
};

/// What pass 2 has to know about a unit. Trivially copyable. Positions are relative to the unit.
struct CsvUnitPlan {
  std::int64_t first_record = -1, last_record = -1;
  CsvState exit = CsvState::record_start;
  bool starts_file = true;           ///< no record begins in the file before this unit
  bool after_return = false;         ///< the byte before the unit is a CR
  std::int64_t newlines_before = 0;  ///< in the file before the unit
};

/// Whole records: text in the caller's buffer, where it stands in the (decompressed) file, and its first line number.
struct CsvSpan {
  std::string_view text;
  std::int64_t offset = 0;
  std::int64_t line = 1;
};

/// A list of files cut into units. Immutable: threads share it.
class CsvSource {
 public:
  explicit CsvSource(std::vector<CsvFile> files, CsvOptions options = {});

  [[nodiscard]] const std::vector<CsvFile>& files() const { return files_; }
  [[nodiscard]] const std::vector<CsvUnit>& units() const { return units_; }
  [[nodiscard]] const CsvOptions& options() const { return options_; }

  /// Pass 1: reads one unit. Memory: 0.25 MiB.
  [[nodiscard]] CsvUnitScan scan(std::size_t unit) const;
  /// The plans of all units from all their scans; a few adds per unit.
  [[nodiscard]] std::vector<CsvUnitPlan> plan(std::span<const CsvUnitScan> scans) const;
  /// Content hash of a file: XXH3-128 of the hashes of its units, in order.
  [[nodiscard]] CsvHash content_hash(std::int32_t file, std::span<const CsvUnitScan> scans) const;

 private:
  std::vector<CsvFile> files_;
  std::vector<CsvUnit> units_;
  CsvOptions options_;
};

[[nodiscard]] std::string hex(const CsvHash& hash);  ///< 32 lower-case digits

}  // namespace cohort
