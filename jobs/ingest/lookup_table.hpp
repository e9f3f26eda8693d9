// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "io/store/manifest.hpp"
#include "io/text/csv_records.hpp"
#include "io/text/text_encoding.hpp"
#include "jobs/ingest/ingest_params.hpp"

namespace cohort {

/// A small table of texts by key, whole in the memory of every rank: about 100 bytes a row and what its fields hold.
class LookupTable {
 public:
  /// Reads the file; throws Error(bad_data) where a key stands twice or a row has no key, Error(plan_refused) when the
  /// texts would take more than `limit` bytes.
  LookupTable(const CsvFile& file, const LookupParams& params, std::int64_t limit);

  /// Index of a column; throws Error(bad_data) with the columns there are.
  [[nodiscard]] std::size_t field(const std::string& name) const;
  [[nodiscard]] bool contains(std::string_view key) const { return rows_.contains(std::string(key)); }
  /// Field `index` of the row of `key`; empty, which means missing, where there is none.
  [[nodiscard]] std::string_view find(std::string_view key, std::size_t index) const;
  [[nodiscard]] const Source& source() const { return source_; }

 private:
  void read_span(const CsvSpan& span, TextDecoder& decoder);
  /// Returns what is wrong with the row; empty where nothing is.
  [[nodiscard]] std::string add_row(const CsvBatch& batch, std::size_t row, TextDecoder& decoder);

  std::string path_;
  char delimiter_;
  std::int64_t limit_, bytes_ = 0;  ///< of texts: the most there may be, and those there are
  std::size_t key_ = 0;             ///< column of the keys
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::vector<std::string>> rows_;
  Source source_;
};

}  // namespace cohort
