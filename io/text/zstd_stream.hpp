// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "io/text/compressed_stream.hpp"

namespace cohort {

/// The decompressed bytes of a zstd file of one or more frames; checks each frame's checksum where it has one.
class ZstdStream final : public CompressedStream {
 public:
  /// Opens `path`; throws Error(input_missing, no_permission, io_error).
  explicit ZstdStream(const std::string& path);
  ~ZstdStream() override;
  std::size_t read(std::span<char> out) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohort
