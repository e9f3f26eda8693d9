// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace cohort {

enum class Compression { none, gzip, zstd };

/// What the first bytes of a file say.
[[nodiscard]] Compression compression_of(std::string_view magic);

/// The decompressed bytes of a file, in order.
class CompressedStream {
 public:
  virtual ~CompressedStream() = default;
  /// Fills `out` as far as the file reaches and returns the bytes written: fewer than asked only at the end. Throws
  /// Error(bad_data) with the compressed offset when the file is damaged or cut short.
  virtual std::size_t read(std::span<char> out) = 0;
};

/// Opens `path`; throws Error(input_missing, no_permission, io_error).
[[nodiscard]] std::unique_ptr<CompressedStream> open_compressed(const std::string& path, Compression compression);

}  // namespace cohort
