// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/column.hpp"

// manifest.json says all that reading needs, so that no byte of a shard is trusted before its hash is checked.

namespace cohort {

inline constexpr int manifest_version = 2;
inline constexpr std::string_view manifest_name = "manifest.json";
inline constexpr std::string_view customers_table = "customers";

struct TableSchema {
  std::string name;
  std::vector<Column> columns;

  bool operator==(const TableSchema&) const = default;
};

/// Where integers lie, as stored, missing ones apart: what a scan may skip, or need not read at all. Empty for other
/// types.
struct Zone {
  std::int64_t low = std::numeric_limits<std::int64_t>::max(), high = std::numeric_limits<std::int64_t>::min();

  [[nodiscard]] bool empty() const { return low > high; }
  void add(const Zone& other) {
    low = std::min(low, other.low);
    high = std::max(high, other.high);
  }
  bool operator==(const Zone&) const = default;
};

/// One stored chunk: where it lies in the file, and XXH3-64 of its stored bytes.
struct ChunkEntry {
  std::int64_t address = 0, bytes = 0;
  std::uint64_t hash = 0;
  Zone zone;

  bool operator==(const ChunkEntry&) const = default;
};

/// One HDF5 dataset: `values` in chunks of `chunk_values(...)`, the last one padded.
struct StreamEntry {
  std::int64_t values = 0;
  std::vector<ChunkEntry> chunks;

  bool operator==(const StreamEntry&) const = default;
};

/// Streams of one column: one; text has two, rows + 1 offsets and then the bytes.
using ColumnEntry = std::vector<StreamEntry>;

struct TableEntry {
  std::int64_t rows = 0;
  std::vector<ColumnEntry> columns;  ///< as in the schema

  bool operator==(const TableEntry&) const = default;
};

/// One shard file (or dictionaries.h5, whose tables are the dictionaries).
struct ShardEntry {
  std::string file;  ///< base name
  std::int64_t bytes = 0;
  std::string outside_hash;        ///< XXH3-128 of all bytes outside chunks, in file order
  std::vector<TableEntry> tables;  ///< as in the schema

  bool operator==(const ShardEntry&) const = default;
};

struct Source {
  std::string hash;  ///< of the content
  std::string name;  ///< base name
  std::int64_t bytes = 0;

  bool operator==(const Source&) const = default;
};

/// A file that is read as a whole: bytes and XXH3-128.
struct WholeFile {
  std::int64_t bytes = 0;
  std::string hash;

  bool operator==(const WholeFile&) const = default;
};

struct Manifest {
  std::vector<TableSchema> tables;        ///< customers first, then the event tables
  std::vector<ShardEntry> shards;         ///< shard i is shards[i]
  std::vector<std::string> dictionaries;  ///< names; each is a table of `dictionary_file` with one text column
  std::optional<ShardEntry> dictionary_file;
  std::optional<WholeFile> dataset_file;  ///< dataset.h5
  std::vector<Source> sources;
  nlohmann::json cleaning = nlohmann::json::object();
  nlohmann::json lineage = nlohmann::json::object();

  bool operator==(const Manifest&) const = default;
};

/// Values per chunk of a stream: at most 65536 (text bytes: 524288), for short streams rounded up to 1024.
[[nodiscard]] std::int64_t chunk_values(std::int64_t values, bool text_bytes);
/// Whether stream `stream` of a column holds the bytes of texts.
[[nodiscard]] inline bool is_text_bytes(const Column& column, std::size_t stream) {
  return storage_of(column.type) == Storage::text && stream == 1;
}
/// The single column of a dictionary's table.
[[nodiscard]] Column dictionary_column();

/// Index of a table or of a column; throws Error(bad_config) listing the names there are.
[[nodiscard]] std::size_t table_index(const Manifest& manifest, std::string_view table);
[[nodiscard]] std::size_t column_index(const TableSchema& schema, std::string_view column);
/// Rows of a table over all shards.
[[nodiscard]] std::int64_t total_rows(const Manifest& manifest, std::size_t table);
/// Where the values of a column of integers lie, over all shards; reads no data.
[[nodiscard]] Zone zone_of(const Manifest& manifest, std::size_t table, std::size_t column);

/// The same text for the same manifest, one shard a line, sources sorted by hash; ends with the hash of what is before
/// it.
[[nodiscard]] std::string manifest_text(const Manifest& manifest);
/// Reads and checks such a text; throws Error(bad_data) naming `file` and the field.
[[nodiscard]] Manifest parse_manifest(const std::string& file, std::string_view text);
/// The text of a folder's `manifest.json`; throws Error(input_missing, io_error).
[[nodiscard]] std::string read_manifest(const std::string& folder);
/// Writes and reads `manifest.json` of a folder; loading throws Error(input_missing, bad_data).
void save_manifest(const std::string& folder, const Manifest& manifest);
[[nodiscard]] Manifest load_manifest(const std::string& folder);

}  // namespace cohort
