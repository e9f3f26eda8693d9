// SPDX-License-Identifier: Apache-2.0
#include "io/store/shard_file.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/fault_points.hpp"
#include "io/store/bit_pack.hpp"
#include "io/store/content_hash.hpp"

namespace cohort {
namespace {

constexpr const char* next_step = "restore the file from a copy, or ingest again";

std::vector<ChunkEntry> chunks_by_address(const ShardEntry& shard) {
  std::vector<ChunkEntry> chunks;
  for (const TableEntry& table : shard.tables) {
    for (const ColumnEntry& column : table.columns) {
      for (const StreamEntry& stream : column) chunks.insert(chunks.end(), stream.chunks.begin(), stream.chunks.end());
    }
  }
  std::sort(chunks.begin(), chunks.end(),
            [](const ChunkEntry& a, const ChunkEntry& b) { return a.address < b.address; });
  return chunks;
}

void add_range(const InputFile& file, std::int64_t begin, std::int64_t end, ContentHash& hash) {
  constexpr std::int64_t most = 1 << 20;
  std::vector<std::byte> buffer(static_cast<std::size_t>(std::clamp<std::int64_t>(end - begin, 0, most)));
  for (; begin < end; begin += most) {
    const auto part = std::span(buffer).first(static_cast<std::size_t>(std::min(most, end - begin)));
    file.read(begin, part);
    hash.add(part);
  }
}

}  // namespace

InputFile open_shard(const std::string& folder, const ShardEntry& shard) {
  InputFile file(folder + "/" + shard.file);
  if (file.size() != shard.bytes) {
    throw Error(ExitCode::bad_data,
                fmt::format("{} is damaged: expected {} bytes, found {}", file.path(), shard.bytes, file.size()),
                next_step);
  }
  return file;
}

void read_checked_chunk(const InputFile& file, const StreamEntry& stream, std::size_t index, std::int64_t chunk_length,
                        const StreamName& name, std::vector<std::byte>& buffer) {
  const ChunkEntry& chunk = stream.chunks[index];
  const auto bytes = static_cast<std::size_t>(chunk.bytes);
  if (buffer.size() < bytes + packed_slack_bytes) buffer.resize(bytes + packed_slack_bytes);
  const auto stored = std::span(buffer).first(bytes);
  file.read(chunk.address, stored);
  fault_bytes("shard.chunk", stored);
  if (hash64(stored) == chunk.hash) return;
  const std::int64_t first = static_cast<std::int64_t>(index) * chunk_length;
  throw Error(ExitCode::bad_data,
              fmt::format("{} is damaged: table {}, column {}, chunk {} (rows {} to {}, {} bytes at {}) has changed "
                          "since it was written",
                          file.path(), name.table, name.column, index, first,
                          std::min(first + chunk_length, stream.values) - 1, chunk.bytes, chunk.address),
              next_step);
}

std::string hash_outside_chunks(const InputFile& file, const ShardEntry& shard) {
  ContentHash hash;
  std::int64_t at = 0;
  for (const ChunkEntry& chunk : chunks_by_address(shard)) {
    add_range(file, at, chunk.address, hash);
    at = std::max(at, chunk.address + chunk.bytes);
  }
  add_range(file, at, shard.bytes, hash);
  return hash.hex();
}

}  // namespace cohort
