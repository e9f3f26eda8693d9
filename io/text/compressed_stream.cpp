// SPDX-License-Identifier: Apache-2.0
#include "io/text/compressed_stream.hpp"

#include "io/text/gzip_stream.hpp"
#include "io/text/zstd_stream.hpp"

namespace cohort {

Compression compression_of(std::string_view magic) {
  if (magic.starts_with("\x1F\x8B")) return Compression::gzip;
  return magic.starts_with("\x28\xB5\x2F\xFD") ? Compression::zstd : Compression::none;
}

std::unique_ptr<CompressedStream> open_compressed(const std::string& path, Compression compression) {
  if (compression == Compression::zstd) return std::make_unique<ZstdStream>(path);
  return std::make_unique<GzipStream>(path);
}

}  // namespace cohort
