// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "io/store/dictionaries.hpp"
#include "io/store/manifest.hpp"
#include "jobs/ingest/shard_builder.hpp"

namespace cohort {

/// A dataset that files are added to. Its shards come back as the rows they were built from, so that building them
/// again together with new rows gives what an ingest of all files would have given.
class StoredRows {
 public:
  /// `text` is the manifest's, the same on all ranks.
  StoredRows(std::string folder, std::string text);

  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] const Manifest& manifest() const { return manifest_; }
  [[nodiscard]] const std::vector<Dictionary>& dictionaries() const { return dictionaries_; }
  /// Content hashes of the files it was made from.
  [[nodiscard]] std::set<std::string> contents() const;
  /// Throws Error(output_exists) where another process has changed the dataset since it was opened.
  void check_unchanged() const;

  /// The coarsest unit that is exact for a table's stored times, or for all times if it has none.
  [[nodiscard]] TimeUnit finest_unit(const std::string& table) const;
  /// Says what shards will be built as: layouts, and labels sorted by name of dictionary. Throws Error(bad_config) for
  /// other tables or columns than the dataset has. Outlived by `layouts`.
  void settle(const std::vector<TableLayout>& layouts, const std::vector<Dictionary>& labels);
  /// Whether a shard without new rows stays as it is: units of time and codes of labels are what they were.
  [[nodiscard]] bool untouched_stay() const { return untouched_stay_; }
  /// What the rows of a shard take when packed, texts apart.
  [[nodiscard]] std::int64_t packed_bytes(std::size_t shard) const;
  /// All rows of a shard as RowFormat packs them. Thread-safe. Throws Error(bad_data) for a damaged shard.
  [[nodiscard]] std::vector<std::byte> rows(std::size_t shard) const;

 private:
  struct Columns;
  void check_schema() const;
  [[nodiscard]] Columns read(std::size_t shard, const TableLayout& layout) const;
  void pack(std::size_t table, const Columns& columns, std::size_t row, std::vector<std::byte>& out) const;

  std::string folder_, text_;
  Manifest manifest_;
  std::vector<Dictionary> dictionaries_;
  const std::vector<TableLayout>* layouts_ = nullptr;
  std::map<std::string, std::vector<std::int32_t>> codes_;  ///< by dictionary: what a stored code becomes
  bool untouched_stay_ = true;
};

}  // namespace cohort
