// SPDX-License-Identifier: Apache-2.0
#include "io/store/content_hash.hpp"
#include "io/store/dataset.hpp"
#include "io/store/dataset_view.hpp"
#include "io/store/shard_file.hpp"

namespace cohort {
namespace {

[[noreturn]] void throw_changed(const std::string& path, const char* part, const std::string& expected,
                                const std::string& found) {
  throw Error(ExitCode::bad_data,
              fmt::format("{} is damaged: its {} have changed: hash says {}, found {}", path, part, expected, found),
              "restore the file from a copy, or ingest again");
}

void verify_table(const InputFile& file, const TableEntry& table, const TableSchema& schema) {
  std::vector<std::byte> buffer;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const Column& column = schema.columns[c];
    for (std::size_t s = 0; s < table.columns[c].size(); ++s) {
      const StreamEntry& stream = table.columns[c][s];
      const std::int64_t length = chunk_values(stream.values, is_text_bytes(column, s));
      for (std::size_t i = 0; i < stream.chunks.size(); ++i) {
        read_checked_chunk(file, stream, i, length, {schema.name, column.name}, buffer);
      }
    }
  }
}

void verify_shard(const std::string& folder, const ShardEntry& shard, const std::vector<TableSchema>& schema) {
  const InputFile file = open_shard(folder, shard);
  for (std::size_t t = 0; t < schema.size(); ++t) verify_table(file, shard.tables[t], schema[t]);
  const std::string found = hash_outside_chunks(file, shard);
  if (found != shard.outside_hash) throw_changed(file.path(), "bytes outside chunks", shard.outside_hash, found);
}

void verify_whole(const std::string& path, const WholeFile& expected) {
  const std::string found = file_hash_hex(path);
  if (found != expected.hash) throw_changed(path, "bytes", expected.hash, found);
}

template <typename Check>
void collect(std::vector<Error>& damages, const Check& check) {
  try {
    check();
  } catch (const Error& error) {
    damages.push_back(error);
  }
}

}  // namespace

std::vector<Error> verify_dataset(const std::string& folder) {
  const Manifest manifest = load_manifest(folder);
  std::vector<Error> damages;
  for (const ShardEntry& shard : manifest.shards) {
    collect(damages, [&] { verify_shard(folder, shard, manifest.tables); });
  }
  if (manifest.dictionary_file) {
    std::vector<TableSchema> schema;
    for (const std::string& name : manifest.dictionaries) schema.push_back({name, {dictionary_column()}});
    collect(damages, [&] { verify_shard(folder, *manifest.dictionary_file, schema); });
  }
  if (manifest.dataset_file) {
    collect(damages, [&] { verify_whole(fmt::format("{}/{}", folder, dataset_view_name), *manifest.dataset_file); });
  }
  return damages;
}

}  // namespace cohort
