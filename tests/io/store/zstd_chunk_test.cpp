// SPDX-License-Identifier: Apache-2.0
#include "io/store/zstd_chunk.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "core/column.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

TEST(ZstdChunk, DoublesKeepEveryBitAndArePadded) {
  std::vector<double> values{0.0,           -0.0,  1.5, std::numeric_limits<double>::infinity(), missing_float64,
                             std::nan("7"), 5e-324};
  const std::vector<std::byte> chunk = compress_chunk(std::span<const double>(values), 1024);
  std::vector<double> read(1024);
  decompress_chunk(chunk, std::span(read));
  values.resize(1024, missing_float64);
  for (std::size_t i = 0; i < values.size(); ++i)
    EXPECT_EQ(std::bit_cast<std::uint64_t>(read[i]), std::bit_cast<std::uint64_t>(values[i]));
}

TEST(ZstdChunk, BytesArePaddedWithZeros) {
  const std::string text("a\0b", 3);
  const std::vector<std::byte> chunk = compress_chunk(std::span<const char>(text), 8);
  std::string read(8, '?');
  decompress_chunk(chunk, std::span(read));
  EXPECT_EQ(read, text + std::string(5, '\0'));
}

TEST(ZstdChunk, RefusesWhatIsNotExactlyTheChunk) {
  const std::vector<std::byte> chunk = compress_chunk(std::span<const double>(), 64);
  std::vector<double> shorter(63), longer(65);
  EXPECT_THROW(decompress_chunk(chunk, std::span(shorter)), Error);
  EXPECT_THROW(decompress_chunk(chunk, std::span(longer)), Error);
  EXPECT_THROW(decompress_chunk(std::span(chunk).first(5), std::span(longer)), Error);
  EXPECT_THROW(decompress_chunk(std::span<const std::byte>(), std::span(longer)), Error);
}

}  // namespace
}  // namespace cohort
