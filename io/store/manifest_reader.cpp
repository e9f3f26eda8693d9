// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <functional>
#include <set>

#include "core/error.hpp"
#include "io/store/content_hash.hpp"
#include "io/store/json_field.hpp"
#include "io/store/manifest.hpp"

namespace cohort {
namespace {

using nlohmann::json;

constexpr std::int64_t most_values = std::int64_t{1} << 48;  // sums over columns stay far from overflow

[[noreturn]] void throw_damaged(const std::string& file, const std::string& why) {
  throw Error(ExitCode::bad_data, fmt::format("{}: {}", file, why), "restore the file from a copy, or ingest again");
}

/// The text must end with the hash of all that is before it.
void check_seal(const std::string& file, std::string_view text) {
  constexpr std::string_view key = "\"hash\":\"";
  constexpr std::size_t seal_bytes = key.size() + 32 + 3;
  const std::string_view seal = text.size() < seal_bytes ? "" : text.substr(text.size() - seal_bytes);
  if (!seal.starts_with(key) || !seal.ends_with("\"}\n"))
    throw_damaged(file, "the field hash is not at its end: the file is cut off or no manifest");
  const std::string found = hash128_hex(text.substr(0, text.size() - seal_bytes));
  const std::string_view expected = seal.substr(key.size(), 32);
  if (found != expected)
    throw_damaged(file, fmt::format("its bytes have changed: hash says {}, found {}", expected, found));
}

/// Names become paths inside files and folders, so they may not lead anywhere else.
std::string plain_name(const JsonField& field) {
  std::string name = field.text();
  if (name.empty() || name == "." || name == ".." ||
      name.find_first_of(std::string_view("/\0", 2)) != std::string::npos) {
    field.fail("should be a plain name without '/'");
  }
  return name;
}

void check_version(const JsonField& field) {
  (void)field.integer(manifest_version, manifest_version);
}

std::vector<TableSchema> read_schema(const JsonField& field) {
  std::vector<TableSchema> tables;
  std::set<std::string> table_names;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const JsonField table = field[i], name = table["name"], columns = table["columns"];
    TableSchema schema{.name = plain_name(name), .columns = {}};
    if (!table_names.insert(schema.name).second) name.fail("names a table twice");
    std::set<std::string> column_names;
    for (std::size_t j = 0; j < columns.size(); ++j) {
      const JsonField column = columns[j], column_name = column["name"], type = column["type"];
      try {
        schema.columns.push_back(parse_type(plain_name(column_name), type.text()));
      } catch (const Error& error) {
        if (error.code() == ExitCode::bad_config) type.fail(error.what());
        throw;
      }
      if (!column_names.insert(schema.columns.back().name).second) column_name.fail("names a column twice");
    }
    tables.push_back(std::move(schema));
  }
  if (tables.empty() || tables.front().name != customers_table) field.fail("should start with the table customers");
  return tables;
}

ChunkEntry read_chunk(const JsonField& field, std::int64_t file_bytes) {
  const JsonField address = field[std::size_t{0}], hash = field[2];
  ChunkEntry chunk{.address = address.integer(0, file_bytes)};
  chunk.bytes = field[1].integer(1, file_bytes - chunk.address);
  const std::string digits = hash.hex(16);
  std::from_chars(digits.data(), digits.data() + digits.size(), chunk.hash, 16);
  if (field.size() > 3) {
    constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
    chunk.zone.low = field[3].integer(least);
    chunk.zone.high = field[4].integer(chunk.zone.low);
  }
  return chunk;
}

StreamEntry read_stream(const JsonField& field, std::int64_t file_bytes, bool text_bytes) {
  StreamEntry stream{.values = field["values"].integer(0, most_values), .chunks = {}};
  const JsonField chunks = field["chunks"];
  const std::int64_t length = chunk_values(stream.values, text_bytes);
  const std::int64_t expected = (stream.values + length - 1) / length;
  if (std::cmp_not_equal(chunks.size(), expected)) {
    chunks.fail(fmt::format("should be {} chunks for {} values, found {}", expected, stream.values, chunks.size()));
  }
  stream.chunks.reserve(chunks.size());
  for (std::size_t i = 0; i < chunks.size(); ++i) stream.chunks.push_back(read_chunk(chunks[i], file_bytes));
  return stream;
}

TableEntry read_table(const JsonField& field, const TableSchema& schema, std::int64_t file_bytes) {
  TableEntry table{.rows = field["rows"].integer(0, most_values), .columns = {}};
  const JsonField columns = field["columns"];
  if (columns.size() != schema.columns.size()) columns.fail("does not have the columns of the schema");
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const JsonField streams = columns[i];
    const Column& column = schema.columns[i];
    const bool text = storage_of(column.type) == Storage::text;
    if (streams.size() != (text ? 2 : 1)) streams.fail("does not have the streams of its type");
    ColumnEntry entry;
    for (std::size_t j = 0; j < streams.size(); ++j)
      entry.push_back(read_stream(streams[j], file_bytes, is_text_bytes(column, j)));
    if (entry[0].values != table.rows + (text ? 1 : 0)) streams.fail(fmt::format("does not have {} rows", table.rows));
    table.columns.push_back(std::move(entry));
  }
  return table;
}

ShardEntry read_shard(const JsonField& field, const std::vector<TableSchema>& schema) {
  ShardEntry shard{.file = plain_name(field["file"]),
                   .bytes = field["bytes"].integer(0, most_values),
                   .outside_hash = field["outside_hash"].hex(32),
                   .tables = {}};
  const JsonField tables = field["tables"];
  if (tables.size() != schema.size()) tables.fail("does not have the tables of the schema");
  for (std::size_t i = 0; i < schema.size(); ++i) shard.tables.push_back(read_table(tables[i], schema[i], shard.bytes));
  return shard;
}

void read_dictionaries(const JsonField& root, Manifest& manifest) {
  if (!root.has("dictionary_file")) return;
  const JsonField names = root["dictionaries"];
  std::vector<TableSchema> schema;
  for (std::size_t i = 0; i < names.size(); ++i) {
    manifest.dictionaries.push_back(plain_name(names[i]));
    schema.push_back({manifest.dictionaries.back(), {dictionary_column()}});
  }
  manifest.dictionary_file = read_shard(root["dictionary_file"], schema);
}

std::vector<Source> read_sources(const JsonField& field) {
  std::vector<Source> sources;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const JsonField source = field[i];
    sources.push_back({source["hash"].text(), source["name"].text(), source["bytes"].integer(0)});
  }
  return sources;
}

/// Reads shards one by one, as the parser meets them, and keeps none of them in the document: parsed, they all together
/// take ten times their text.
class ShardsOnTheWay {
 public:
  ShardsOnTheWay(const std::string& file, Manifest& manifest) : root_(file, unknown_), manifest_(manifest) {}

  /// A callback of nlohmann::json::parse: whether the document keeps `value`.
  bool operator()(int depth, json::parse_event_t event, const json& value) {
    using Event = json::parse_event_t;
    if (depth == 1 && event == Event::key) {
      member_ = value.get<std::string>();
    } else if (depth == 1 && event == Event::value && member_ == "format_version") {
      check_version(root_.member("format_version", value));
    } else if (depth == 1 && event == Event::array_end && member_ == "tables") {
      manifest_.tables = read_schema(root_.member("tables", value));
    } else if (depth == 2 && event == Event::object_end && member_ == "shards") {
      const JsonField shards = root_.member("shards", unknown_);
      manifest_.shards.push_back(read_shard(shards.element(manifest_.shards.size(), value), manifest_.tables));
      return false;
    }
    return true;
  }

 private:
  json unknown_;
  JsonField root_;
  std::string member_;
  Manifest& manifest_;
};

}  // namespace

Manifest parse_manifest(const std::string& file, std::string_view text) {
  check_seal(file, text);
  Manifest manifest;
  ShardsOnTheWay shards(file, manifest);
  const json document = json::parse(text, std::ref(shards), false);
  if (document.is_discarded()) throw_damaged(file, "not JSON");
  const JsonField root(file, document), others = root["shards"];
  check_version(root["format_version"]);
  if (manifest.tables.empty()) manifest.tables = read_schema(root["tables"]);
  if (others.size() > 0) (void)others[std::size_t{0}].object();  // what is left there is none, and fails
  read_dictionaries(root, manifest);
  if (root.has("dataset_file")) {
    const JsonField dataset = root["dataset_file"];
    manifest.dataset_file = WholeFile{dataset["bytes"].integer(0), dataset["hash"].hex(32)};
  }
  manifest.sources = read_sources(root["sources"]);
  manifest.cleaning = root["cleaning"].object();
  manifest.lineage = root["lineage"].object();
  return manifest;
}

}  // namespace cohort
