// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "io/text/compressed_stream.hpp"

namespace cohort {

/// The decompressed bytes of a gzip file of one or more members, in order; checks each member's CRC and length.
class GzipStream final : public CompressedStream {
 public:
  /// Opens `path`; throws Error(input_missing, no_permission, io_error).
  explicit GzipStream(const std::string& path);
  ~GzipStream() override;

  std::size_t read(std::span<char> out) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohort
