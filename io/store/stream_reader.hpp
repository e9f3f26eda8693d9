// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "io/store/bit_pack.hpp"
#include "io/store/shard_file.hpp"

namespace cohort {

/// Reads slices of a stream of a shard. T is the stored type: int32, int64, double, or char for the bytes of texts.
/// Keeps the chunk it read last, so each chunk of a scan is read, checked and decompressed once, and its memory from
/// stream to stream. For one thread.
/// Memory: one stored chunk (at most 0.5 MiB), for double and char also one decompressed chunk (0.5 MiB).
template <typename T>
class StreamReader {
 public:
  explicit StreamReader(StreamName name) : name_(std::move(name)) {}
  StreamReader(const InputFile& file, const StreamEntry& stream, StreamName name) : StreamReader(std::move(name)) {
    attach(file, stream);
  }

  /// Goes to a stream; both must stay until the next `attach`.
  void attach(const InputFile& file, const StreamEntry& stream);

  /// Values [begin, end), 0 <= begin <= end <= stream.values; throws Error(bad_data) for a damaged chunk.
  void read(std::int64_t begin, std::int64_t end, T* out);
  /// Announces values [begin, end) to the kernel; past the end of the stream is fine.
  void will_need(std::int64_t begin, std::int64_t end) const;

 private:
  static constexpr bool packed = std::is_integral_v<T> && !std::is_same_v<T, char>;
  void load(std::int64_t chunk);

  const InputFile* file_ = nullptr;
  const StreamEntry* stream_ = nullptr;
  StreamName name_;
  std::int64_t length_ = 0;   ///< values per chunk
  std::int64_t loaded_ = -1;  ///< chunk in memory
  std::vector<std::byte> stored_;
  std::conditional_t<packed, PackedChunk, std::vector<T>> chunk_;
};

}  // namespace cohort
