// SPDX-License-Identifier: Apache-2.0
#include "io/store/bit_pack.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>

#include "core/error.hpp"

static_assert(std::endian::native == std::endian::little, "chunks are written by copying little-endian words");

namespace cohort {
namespace {

template <typename T>
constexpr T missing_value = std::numeric_limits<T>::min();
static_assert(missing_value<std::int32_t> == missing_int32 && missing_value<std::int64_t> == missing_int64);

/// Smallest and largest value that is there; both 0 when all are missing, as libhdf5 has it.
template <typename T>
std::pair<T, T> range_of(std::span<const T> values) {
  T low = std::numeric_limits<T>::max(), high = missing_value<T>;
  for (const T value : values) {
    low = std::min(low, value == missing_value<T> ? std::numeric_limits<T>::max() : value);
    high = std::max(high, value);
  }
  return high == missing_value<T> ? std::pair<T, T>{0, 0} : std::pair{low, high};
}

/// Appends values of `width` < 64 bits, most significant bit first.
class BitWriter {
 public:
  BitWriter(std::byte* out, int width) : out_(out), width_(width) {}

  void put(std::uint64_t value) {
    if (width_ <= free_) {
      word_ = word_ << width_ | value;
      free_ -= width_;
      return;
    }
    const int rest = width_ - free_;
    store(word_ << free_ | value >> rest);
    word_ = value;
    free_ = 64 - rest;
  }
  void finish() {
    if (free_ == 64) return;
    const std::uint64_t word = __builtin_bswap64(word_ << free_);
    std::memcpy(out_, &word, static_cast<std::size_t>(71 - free_) / 8);
  }

 private:
  void store(std::uint64_t word) {
    word = __builtin_bswap64(word);
    std::memcpy(out_, &word, sizeof word);
    out_ += sizeof word;
  }

  std::byte* out_;
  std::uint64_t word_ = 0;
  int width_, free_ = 64;
};

template <typename T>
std::vector<std::byte> pack(std::span<const T> values, std::int64_t chunk_rows) {
  using Unsigned = std::make_unsigned_t<T>;
  constexpr int full_width = 8 * sizeof(T);
  const auto rows = static_cast<std::size_t>(chunk_rows);
  const auto [low, high] = range_of(values);
  const auto range = static_cast<Unsigned>(static_cast<Unsigned>(high) - static_cast<Unsigned>(low));
  // Codes 0..range and one more for missing. libhdf5 leaves the minimum of the two widest ranges unset.
  const bool widest = range > std::numeric_limits<Unsigned>::max() - 2;
  const int width = widest ? full_width : static_cast<int>(std::bit_width(static_cast<Unsigned>(range + 1)));
  const std::int64_t minimum = widest ? 0 : low;

  std::vector<std::byte> chunk(packed_header_bytes + rows * static_cast<std::size_t>(width) / 8 +
                               1);  // libhdf5 always keeps one byte more
  std::memcpy(chunk.data(), &width, sizeof width);
  chunk[4] = std::byte{8};
  std::memcpy(chunk.data() + 5, &minimum, sizeof minimum);
  std::byte* const bits = chunk.data() + packed_header_bytes;
  if (width == full_width) {
    std::memcpy(bits, values.data(), values.size_bytes());
    for (std::size_t i = values.size(); i < rows; ++i) std::memcpy(bits + i * sizeof(T), &missing_value<T>, sizeof(T));
    return chunk;
  }
  const std::uint64_t missing_code = (std::uint64_t{1} << width) - 1;
  BitWriter writer(bits, width);
  for (const T value : values) {
    writer.put(value == missing_value<T>
                   ? missing_code
                   : static_cast<Unsigned>(static_cast<Unsigned>(value) - static_cast<Unsigned>(low)));
  }
  for (std::size_t i = values.size(); i < rows; ++i) writer.put(missing_code);
  writer.finish();
  return chunk;
}

}  // namespace

std::vector<std::byte> pack_chunk(std::span<const std::int32_t> values, std::int64_t chunk_rows) {
  return pack(values, chunk_rows);
}

std::vector<std::byte> pack_chunk(std::span<const std::int64_t> values, std::int64_t chunk_rows) {
  return pack(values, chunk_rows);
}

PackedChunk open_packed(std::span<const std::byte> chunk, std::int64_t rows, Storage storage) {
  std::uint32_t width = 0;
  PackedChunk packed{.rows = rows};
  const auto full_width = static_cast<std::uint32_t>(8 * bytes_of(storage));
  if (chunk.size() >= packed_header_bytes) {
    std::memcpy(&width, chunk.data(), sizeof width);
    std::memcpy(&packed.minimum, chunk.data() + 5, sizeof packed.minimum);
  }
  const std::size_t needed =
      packed_header_bytes + (static_cast<std::size_t>(rows) * std::min(width, full_width) + 7) / 8;
  if (width > full_width || chunk.size() < needed) {
    throw Error(
        ExitCode::bad_data,
        fmt::format("a packed chunk of {} values says {} bits each, but has {} bytes", rows, width, chunk.size()),
        "restore the file from a copy, or ingest again");
  }
  packed.bits = chunk.data() + packed_header_bytes;
  packed.width = static_cast<int>(width);
  return packed;
}

}  // namespace cohort
