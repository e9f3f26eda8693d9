// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cohort {

class CsvSource;

/// The fields of one record, unquoted.
[[nodiscard]] std::vector<std::string> split_csv_record(std::string_view record, char delimiter);

/// Names of the columns of one file.
class CsvHeader {
 public:
  /// Reads the first record of file `path`; throws Error(bad_data) when there is none or a name stands twice.
  CsvHeader(std::string path, std::string_view record, char delimiter);

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  /// Positions of the `wanted` columns; throws Error(bad_data) with the columns there are and the nearest name, or
  /// with the likely delimiter when the file seems to have another.
  [[nodiscard]] std::vector<std::size_t> find(std::span<const std::string> wanted) const;

 private:
  void suspect_delimiter() const;

  std::string path_;
  char delimiter_;
  std::vector<std::string> names_;
};

/// The header of a source's file; throws Error(bad_data) where it is no text of the encoding.
[[nodiscard]] CsvHeader read_header(const CsvSource& source, std::int32_t file, const std::string& encoding);

}  // namespace cohort
