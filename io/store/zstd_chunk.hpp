// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// Chunks of float64 (HDF5's shuffle, then filter 32015) and of bytes (filter 32015 alone): one zstd frame each.

namespace cohort {

inline constexpr int zstd_level = 3;

/// The chunk of `chunk_rows` >= values.size() doubles, padded with missing.
[[nodiscard]] std::vector<std::byte> compress_chunk(std::span<const double> values, std::int64_t chunk_rows);
/// The chunk of `chunk_bytes` >= bytes.size() bytes, padded with zeros.
[[nodiscard]] std::vector<std::byte> compress_chunk(std::span<const char> bytes, std::int64_t chunk_bytes);

/// Fills `values` / `bytes` with the whole chunk; throws Error(bad_data) when the frame does not hold exactly that.
void decompress_chunk(std::span<const std::byte> chunk, std::span<double> values);
void decompress_chunk(std::span<const std::byte> chunk, std::span<char> bytes);

}  // namespace cohort
