// SPDX-License-Identifier: Apache-2.0
#include "io/store/stream_reader.hpp"

#include <algorithm>

#include "io/store/zstd_chunk.hpp"

namespace cohort {

template <typename T>
void StreamReader<T>::attach(const InputFile& file, const StreamEntry& stream) {
  file_ = &file;
  stream_ = &stream;
  length_ = chunk_values(stream.values, std::is_same_v<T, char>);
  loaded_ = -1;
}

template <typename T>
void StreamReader<T>::load(std::int64_t chunk) {
  if (chunk == loaded_) return;
  loaded_ = -1;
  const auto index = static_cast<std::size_t>(chunk);
  read_checked_chunk(*file_, *stream_, index, length_, name_, stored_);
  const auto stored = std::span(stored_).first(static_cast<std::size_t>(stream_->chunks[index].bytes));
  if constexpr (packed) {
    chunk_ = open_packed(stored, length_, sizeof(T) == 4 ? Storage::int32 : Storage::int64);
  } else {
    chunk_.resize(static_cast<std::size_t>(length_));
    decompress_chunk(stored, std::span(chunk_));
  }
  loaded_ = chunk;
}

template <typename T>
void StreamReader<T>::read(std::int64_t begin, std::int64_t end, T* out) {
  while (begin < end) {
    load(begin / length_);
    const std::int64_t start = loaded_ * length_, stop = std::min(end, start + length_);
    if constexpr (packed) {
      unpack(chunk_, begin - start, stop - start, out);
    } else {
      std::copy(chunk_.data() + (begin - start), chunk_.data() + (stop - start), out);
    }
    out += stop - begin;
    begin = stop;
  }
}

template <typename T>
void StreamReader<T>::will_need(std::int64_t begin, std::int64_t end) const {
  end = std::min(end, stream_->values);
  for (std::int64_t chunk = begin / length_; chunk * length_ < end; ++chunk) {
    if (chunk == loaded_) continue;
    const ChunkEntry& entry = stream_->chunks[static_cast<std::size_t>(chunk)];
    file_->will_need(entry.address, entry.bytes);
  }
}

template class StreamReader<std::int32_t>;
template class StreamReader<std::int64_t>;
template class StreamReader<double>;
template class StreamReader<char>;

}  // namespace cohort
