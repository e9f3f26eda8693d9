// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/column.hpp"

// One chunk of integers in the format of HDF5's scale-offset filter: 4 bytes width w, 1 byte 8, 8 bytes minimum (both
// least significant byte first), 8 zero bytes; then value - minimum in w bits each, most significant bit first. All
// ones stand for the fill value, which is our missing value. w = all bits of the type: values as they are.

namespace cohort {

inline constexpr std::size_t packed_header_bytes = 21;
/// Readable bytes that must follow every packed chunk: the kernels load whole vectors, and of the last values a whole
/// group of 16, of up to 63 bits each.
inline constexpr std::size_t packed_slack_bytes = 128;

/// The chunk of `chunk_rows` >= values.size() rows, padded with missing; the bytes that libhdf5 writes.
[[nodiscard]] std::vector<std::byte> pack_chunk(std::span<const std::int32_t> values, std::int64_t chunk_rows);
[[nodiscard]] std::vector<std::byte> pack_chunk(std::span<const std::int64_t> values, std::int64_t chunk_rows);

/// A packed chunk whose header has been checked against its length. Does not own the bytes.
struct PackedChunk {
  const std::byte* bits = nullptr;  ///< first byte after the header
  std::int64_t rows = 0;
  std::int64_t minimum = 0;
  int width = 0;  ///< bits per value; 0 = all missing
};

/// Reads the header of a chunk of `rows` values stored as int32 or int64; throws Error(bad_data) if it cannot be one.
[[nodiscard]] PackedChunk open_packed(std::span<const std::byte> chunk, std::int64_t rows, Storage storage);

/// Values of rows [begin, end) of a chunk that was stored with the type of `out`; needs `packed_slack_bytes` of slack.
void unpack(const PackedChunk& chunk, std::int64_t begin, std::int64_t end, std::int32_t* out);
void unpack(const PackedChunk& chunk, std::int64_t begin, std::int64_t end, std::int64_t* out);

}  // namespace cohort
