// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "io/durable_file.hpp"
#include "io/store/manifest.hpp"

// Bytes of a shard, checked before use. libhdf5 is never asked: the manifest says where the chunks lie.

namespace cohort {

/// Where a stream belongs, for messages.
struct StreamName {
  std::string table, column;
};

/// Opens `folder`/`shard.file` and compares its size with the manifest; throws Error(input_missing, bad_data).
[[nodiscard]] InputFile open_shard(const std::string& folder, const ShardEntry& shard);

/// Reads stored chunk `index` of a stream into `buffer` (grown to leave `packed_slack_bytes` after it) and checks its
/// hash; throws Error(bad_data) naming file, table, column, chunk and rows.
void read_checked_chunk(const InputFile& file, const StreamEntry& stream, std::size_t index, std::int64_t chunk_length,
                        const StreamName& name, std::vector<std::byte>& buffer);

/// XXH3-128 of all bytes that belong to no chunk, in file order; gaps are read one at a time.
[[nodiscard]] std::string hash_outside_chunks(const InputFile& file, const ShardEntry& shard);

}  // namespace cohort
