// SPDX-License-Identifier: Apache-2.0
#include "io/store/zstd_chunk.hpp"

#include <zstd.h>

#include <algorithm>
#include <string_view>

#include "core/column.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

std::vector<std::byte> compress(std::span<const std::byte> bytes) {
  std::vector<std::byte> frame(ZSTD_compressBound(bytes.size()));
  const std::size_t size = ZSTD_compress(frame.data(), frame.size(), bytes.data(), bytes.size(), zstd_level);
  if (ZSTD_isError(size) != 0) throw Error(ExitCode::internal, fmt::format("zstd: {}", ZSTD_getErrorName(size)));
  frame.resize(size);
  return frame;
}

void decompress(std::span<const std::byte> frame, std::span<std::byte> bytes) {
  const std::size_t size = ZSTD_decompress(bytes.data(), bytes.size(), frame.data(), frame.size());
  const bool failed = ZSTD_isError(size) != 0;
  if (!failed && size == bytes.size()) return;
  const std::string found = failed ? ZSTD_getErrorName(size) : fmt::format("{} bytes", size);
  throw Error(ExitCode::bad_data, fmt::format("a zstd chunk should hold {} bytes, found: {}", bytes.size(), found),
              "restore the file from a copy, or ingest again");
}

/// HDF5's shuffle: all first bytes, then all second bytes, ...
void shuffle(std::span<const double> values, std::span<std::byte> streams) {
  const auto bytes = std::as_bytes(values);
  for (std::size_t byte = 0; byte < sizeof(double); ++byte) {
    for (std::size_t i = 0; i < values.size(); ++i)
      streams[byte * values.size() + i] = bytes[i * sizeof(double) + byte];
  }
}

void unshuffle(std::span<const std::byte> streams, std::span<double> values) {
  const auto bytes = std::as_writable_bytes(values);
  const std::size_t n = values.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t byte = 0; byte < sizeof(double); ++byte) bytes[i * sizeof(double) + byte] = streams[byte * n + i];
  }
}

}  // namespace

std::vector<std::byte> compress_chunk(std::span<const double> values, std::int64_t chunk_rows) {
  std::vector<double> padded(static_cast<std::size_t>(chunk_rows), missing_float64);
  std::copy(values.begin(), values.end(), padded.begin());
  std::vector<std::byte> streams(padded.size() * sizeof(double));
  shuffle(padded, streams);
  return compress(streams);
}

std::vector<std::byte> compress_chunk(std::span<const char> bytes, std::int64_t chunk_bytes) {
  std::vector<char> padded(static_cast<std::size_t>(chunk_bytes), '\0');
  std::copy(bytes.begin(), bytes.end(), padded.begin());
  return compress(std::as_bytes(std::span(padded)));
}

void decompress_chunk(std::span<const std::byte> chunk, std::span<double> values) {
  std::vector<std::byte> streams(values.size_bytes());
  decompress(chunk, streams);
  unshuffle(streams, values);
}

void decompress_chunk(std::span<const std::byte> chunk, std::span<char> bytes) {
  decompress(chunk, std::as_writable_bytes(bytes));
}

}  // namespace cohort
