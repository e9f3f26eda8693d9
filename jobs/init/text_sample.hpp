// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace cohort {

/// The first records of a delimited file, whose form is found out by looking.
struct TextSample {
  std::string path;
  std::string encoding;  ///< utf-8, gb18030 or latin-1
  char delimiter = ',';
  bool whole = false;                             ///< the sample is the whole file
  std::vector<std::string> names;                 ///< columns
  std::vector<std::vector<std::string>> columns;  ///< by column, in UTF-8, of the rows that have all fields
  std::size_t rows = 0, ragged = 0;
  std::size_t bytes = 0;  ///< of the sample's text
};

/// Reads up to `most_bytes` of text, plain or compressed. Throws as reading a CSV source does, and Error(bad_data)
/// where there is no header.
[[nodiscard]] TextSample read_sample(const std::string& path, std::size_t most_bytes = std::size_t{64} << 20);
/// The same of text that is at hand; `path` is named in errors.
[[nodiscard]] TextSample sample_of(const std::string& path, const std::string& raw, bool whole);

}  // namespace cohort
