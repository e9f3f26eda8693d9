// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace cohort {

/// The decompressed bytes of a gzip file of one or more members, in order; checks each member's CRC and length.
class GzipStream {
 public:
  /// Opens `path`; throws Error(input_missing, no_permission, io_error).
  explicit GzipStream(const std::string& path);
  ~GzipStream();

  /// Fills `out` as far as the file reaches and returns the bytes written: fewer than asked only at the end. Throws
  /// Error(bad_data) with the compressed offset when the file is damaged or cut short.
  std::size_t read(std::span<char> out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohort
