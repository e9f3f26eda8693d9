// SPDX-License-Identifier: Apache-2.0
#include "io/store/shard_writer.hpp"

#include <algorithm>
#include <filesystem>

#include "core/error.hpp"
#include "core/threads.hpp"
#include "io/durable_file.hpp"
#include "io/store/bit_pack.hpp"
#include "io/store/content_hash.hpp"
#include "io/store/hdf5_file.hpp"
#include "io/store/shard_file.hpp"
#include "io/store/zstd_chunk.hpp"

namespace cohort {
namespace {

std::vector<std::byte> encode(std::span<const std::int32_t> values, std::int64_t rows) {
  return pack_chunk(values, rows);
}
std::vector<std::byte> encode(std::span<const std::int64_t> values, std::int64_t rows) {
  return pack_chunk(values, rows);
}
std::vector<std::byte> encode(std::span<const double> values, std::int64_t rows) {
  return compress_chunk(values, rows);
}
std::vector<std::byte> encode(std::span<const char> values, std::int64_t rows) {
  return compress_chunk(values, rows);
}

template <typename T>
Zone zone_of(std::span<const T> values) {
  Zone zone;
  if constexpr (std::is_same_v<T, std::int32_t> || std::is_same_v<T, std::int64_t>) {
    constexpr T missing = std::numeric_limits<T>::min();
    T low = std::numeric_limits<T>::max(), high = missing;
    for (const T value : values) {
      low = std::min(low, value == missing ? std::numeric_limits<T>::max() : value);
      high = std::max(high, value);  // the missing value is the smallest
    }
    if (high != missing) zone = {low, high};
  }
  return zone;
}

template <typename T>
StreamEntry write_stream(Hdf5File& file, const std::string& name, const std::vector<T>& values) {
  constexpr bool bytes = std::is_same_v<T, char>;
  StreamEntry stream{.values = std::ssize(values), .chunks = {}};
  const std::int64_t length = chunk_values(stream.values, bytes);
  file.create_chunked(name, element_of<T>, stream.values, length);
  for (std::int64_t first = 0; first < stream.values; first += length) {
    const auto rows = static_cast<std::size_t>(std::min(length, stream.values - first));
    const std::span<const T> part = std::span(values).subspan(static_cast<std::size_t>(first), rows);
    const std::vector<std::byte> chunk = encode(part, length);
    const ChunkPlace place = file.write_chunk(name, first / length, length, chunk);
    stream.chunks.push_back({place.address, place.bytes, hash64(chunk), zone_of(part)});
  }
  return stream;
}

template <typename T>
ColumnEntry write_streams(Hdf5File& file, const std::string& name, const std::vector<T>& values) {
  return {write_stream(file, name, values)};
}

ColumnEntry write_streams(Hdf5File& file, const std::string& name, const TextValues& texts) {
  return {write_stream(file, name + "/offsets", texts.offsets), write_stream(file, name + "/bytes", texts.bytes)};
}

ColumnEntry write_column(Hdf5File& file, const std::string& name, const ColumnData& data) {
  if (data.values.index() != static_cast<std::size_t>(storage_of(data.column.type))) {
    throw Error(ExitCode::internal,
                fmt::format("column {} holds other values than its type {}", name, type_name(data.column)));
  }
  ColumnEntry streams = std::visit([&](const auto& values) { return write_streams(file, name, values); }, data.values);
  file.write_type(name, data.column);
  return streams;
}

TableEntry write_table(Hdf5File& file, const TableData& data) {
  TableEntry table;
  if (!data.columns.empty()) table.rows = rows_of(data.columns.front().values);
  for (const ColumnData& column : data.columns) {
    const std::string name = fmt::format("/{}/{}", data.name, column.column.name);
    if (rows_of(column.values) != table.rows) {
      throw Error(ExitCode::internal,
                  fmt::format("column {} has {} rows, its table {}", name, rows_of(column.values), table.rows));
    }
    table.columns.push_back(write_column(file, name, column));
  }
  return table;
}

}  // namespace

std::int64_t rows_of(const ColumnValues& values) {
  return std::visit([](const auto& list) { return std::ssize(list); }, values);
}

TableSchema schema_of(const TableData& table) {
  TableSchema schema{.name = table.name, .columns = {}};
  for (const ColumnData& column : table.columns) schema.columns.push_back(column.column);
  return schema;
}

ShardEntry write_shard(const std::string& path, std::span<const TableData> tables) {
  TemporaryFile temporary(path);
  ShardEntry shard;
  shard.file = std::filesystem::path(path).filename().string();
  Hdf5File file = Hdf5File::create(temporary.name());
  for (const TableData& table : tables) shard.tables.push_back(write_table(file, table));
  file.close();
  const InputFile written(temporary.name());
  shard.bytes = written.size();
  shard.outside_hash = hash_outside_chunks(written, shard);
  begin_sync(temporary.name());
  temporary.take_path();
  return shard;
}

void sync_shards(const std::string& folder, std::span<const ShardEntry> shards, int threads) {
  parallel_for(threads, std::ssize(shards),
               [&](int, std::int64_t i) { sync_path(folder + "/" + shards[static_cast<std::size_t>(i)].file); });
}

}  // namespace cohort
