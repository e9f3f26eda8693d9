// SPDX-License-Identifier: Apache-2.0
#include "io/store/manifest.hpp"

#include <algorithm>
#include <span>
#include <tuple>

#include "core/error.hpp"
#include "core/fault_points.hpp"
#include "io/durable_file.hpp"
#include "io/store/content_hash.hpp"

namespace cohort {
namespace {

using nlohmann::json;

/// One line; a file name that is not UTF-8 gets replacement characters.
std::string line_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json to_json(const ColumnEntry& column) {
  json streams = json::array();
  for (const StreamEntry& stream : column) {
    json chunks = json::array();
    for (const ChunkEntry& chunk : stream.chunks) {
      json entry{chunk.address, chunk.bytes, hex64(chunk.hash)};
      if (!chunk.zone.empty()) entry.insert(entry.end(), {chunk.zone.low, chunk.zone.high});
      chunks.push_back(std::move(entry));
    }
    streams.push_back({{"values", stream.values}, {"chunks", std::move(chunks)}});
  }
  return streams;
}

json to_json(const ShardEntry& shard) {
  json tables = json::array();
  for (const TableEntry& table : shard.tables) {
    json columns = json::array();
    for (const ColumnEntry& column : table.columns) columns.push_back(to_json(column));
    tables.push_back({{"rows", table.rows}, {"columns", std::move(columns)}});
  }
  return {{"file", shard.file},
          {"bytes", shard.bytes},
          {"outside_hash", shard.outside_hash},
          {"tables", std::move(tables)}};
}

json to_json(const TableSchema& table) {
  json columns = json::array();
  for (const Column& column : table.columns) columns.push_back({{"name", column.name}, {"type", type_name(column)}});
  return {{"name", table.name}, {"columns", std::move(columns)}};
}

json sources_json(std::vector<Source> sources) {
  std::sort(sources.begin(), sources.end(),
            [](const Source& a, const Source& b) { return std::tie(a.hash, a.name) < std::tie(b.hash, b.name); });
  json list = json::array();
  for (const Source& source : sources) {
    list.push_back({{"hash", source.hash}, {"name", source.name}, {"bytes", source.bytes}});
  }
  return list;
}

template <typename Name>
[[noreturn]] void throw_unknown(std::string_view kind, std::string_view name, std::string_view where,
                                const std::vector<Name>& known) {
  std::string names;
  for (const Name& one : known) names += (names.empty() ? "" : ", ") + one.name;
  throw Error(ExitCode::bad_config, fmt::format("there is no {} '{}' in {}", kind, name, where),
              fmt::format("use one of: {}", names));
}

}  // namespace

std::int64_t chunk_values(std::int64_t values, bool text_bytes) {
  constexpr std::int64_t step = 1024, most_rows = 65536, most_bytes = 524288;
  return std::clamp((values + step - 1) / step * step, step, text_bytes ? most_bytes : most_rows);
}

Column dictionary_column() {
  return {.name = "label", .type = ColumnType::text};
}

std::size_t table_index(const Manifest& manifest, std::string_view table) {
  for (std::size_t i = 0; i < manifest.tables.size(); ++i) {
    if (manifest.tables[i].name == table) return i;
  }
  throw_unknown("table", table, "the dataset", manifest.tables);
}

std::size_t column_index(const TableSchema& schema, std::string_view column) {
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    if (schema.columns[i].name == column) return i;
  }
  throw_unknown("column", column, "table " + schema.name, schema.columns);
}

std::int64_t total_rows(const Manifest& manifest, std::size_t table) {
  std::int64_t rows = 0;
  for (const ShardEntry& shard : manifest.shards) rows += shard.tables[table].rows;
  return rows;
}

Zone zone_of(const Manifest& manifest, std::size_t table, std::size_t column) {
  Zone zone;
  for (const ShardEntry& shard : manifest.shards) {
    for (const ChunkEntry& chunk : shard.tables[table].columns[column].front().chunks) zone.add(chunk.zone);
  }
  return zone;
}

std::string manifest_text(const Manifest& manifest) {
  json tables = json::array();
  for (const TableSchema& table : manifest.tables) tables.push_back(to_json(table));
  std::string text =
      fmt::format("{{\"format_version\":{},\n\"tables\":{},\n\"shards\":[", manifest_version, line_of(tables));
  for (std::size_t i = 0; i < manifest.shards.size(); ++i)
    text += (i == 0 ? "\n" : ",\n") + line_of(to_json(manifest.shards[i]));
  text += "],\n";
  if (manifest.dictionary_file) {
    text += fmt::format("\"dictionaries\":{},\n\"dictionary_file\":{},\n", line_of(manifest.dictionaries),
                        line_of(to_json(*manifest.dictionary_file)));
  }
  if (manifest.dataset_file) {
    const json file{{"bytes", manifest.dataset_file->bytes}, {"hash", manifest.dataset_file->hash}};
    text += fmt::format("\"dataset_file\":{},\n", line_of(file));
  }
  text += fmt::format("\"sources\":{},\n\"cleaning\":{},\n\"lineage\":{},\n", line_of(sources_json(manifest.sources)),
                      line_of(manifest.cleaning), line_of(manifest.lineage));
  return text + fmt::format("\"hash\":\"{}\"}}\n", hash128_hex(text));
}

void save_manifest(const std::string& folder, const Manifest& manifest) {
  write_file(fmt::format("{}/{}", folder, manifest_name), manifest_text(manifest));
}

std::string read_manifest(const std::string& folder) {
  std::string text = read_file(fmt::format("{}/{}", folder, manifest_name));
  fault_bytes("manifest.read", std::as_writable_bytes(std::span(text)));
  return text;
}

Manifest load_manifest(const std::string& folder) {
  return parse_manifest(fmt::format("{}/{}", folder, manifest_name), read_manifest(folder));
}

}  // namespace cohort
