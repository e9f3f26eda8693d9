// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/text/csv_records.hpp"

namespace cohort {

/// JSON lines for a CSV reader: between fields a control character, which JSON text never holds raw, and no quotes,
/// which are JSON's own. So each line is one record of one field, whatever is wrong with it.
inline constexpr CsvDialect json_lines_dialect{'\x1F', false};

/// The keys of one JSON object, in its order; nothing where the text is no object.
[[nodiscard]] std::optional<std::vector<std::string>> json_keys(std::string_view text);

/// Turns batches of JSON lines into batches of fields, as if from CSV. Texts are unescaped, numbers stay as they are
/// written, true and false are words, null and absent keys are empty. Memory: the fields of a batch.
class JsonRecords {
 public:
  /// `names` are the keys whose values become columns; others are passed over.
  explicit JsonRecords(const std::vector<std::string>& names);

  /// `lines` has one column of whole lines. What is no object of plain values under the names is ragged, with 0 fields.
  /// Columns of `fields` follow `needed`, which are positions in the names, then the line itself. Views live until the
  /// next call.
  void split(const CsvBatch& lines, const std::vector<std::size_t>& needed, CsvBatch& fields);

 private:
  std::map<std::string, std::size_t, std::less<>> names_;
  std::pmr::monotonic_buffer_resource texts_;
};

}  // namespace cohort
