// SPDX-License-Identifier: Apache-2.0
#include "io/store/bit_pack.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "core/error.hpp"
#include "core/isa.hpp"

namespace cohort {
namespace {

template <typename T>
constexpr T missing_value = std::numeric_limits<T>::min();

/// Naive reading of the format, bit by bit.
template <typename T>
T value_at(const std::vector<std::byte>& chunk, std::int64_t row) {
  const auto byte = [&](std::int64_t i) { return static_cast<std::uint64_t>(chunk[static_cast<std::size_t>(i)]); };
  const auto width = static_cast<std::int64_t>(byte(0));
  std::uint64_t minimum = 0, code = 0, raw = 0;
  for (std::int64_t i = 0; i < 8; ++i) minimum |= byte(5 + i) << (8 * i);
  if (width == static_cast<std::int64_t>(8 * sizeof(T))) {
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(sizeof(T)); ++i)
      raw |= byte(21 + row * static_cast<std::int64_t>(sizeof(T)) + i) << (8 * i);
    return static_cast<T>(raw);
  }
  for (std::int64_t bit = row * width; bit < (row + 1) * width; ++bit)
    code = code << 1 | (byte(21 + bit / 8) >> (7 - bit % 8) & 1);
  return code == (std::uint64_t{1} << width) - 1 ? missing_value<T> : static_cast<T>(minimum + code);
}

template <typename T>
class BitPack : public ::testing::Test {
 protected:
  ~BitPack() override { set_active_isa(host_isa()); }

  static constexpr Storage storage = sizeof(T) == 4 ? Storage::int32 : Storage::int64;

  static std::vector<T> random_values(int width, std::size_t rows) {
    std::mt19937_64 bits(static_cast<std::uint64_t>(width));
    const std::uint64_t codes = (std::uint64_t{1} << width) - 1;  // as many as fit beside missing
    const auto low = static_cast<std::uint64_t>(width % 2 == 0 ? -1000 : 7);
    std::vector<T> values(rows);
    for (T& value : values) value = bits() % 10 == 0 ? missing_value<T> : static_cast<T>(low + bits() % codes);
    values.front() = static_cast<T>(low);
    values.back() = static_cast<T>(low + codes - 1);
    return values;
  }

  static void expect_slices(const std::vector<T>& values, std::int64_t chunk_rows) {
    std::vector<std::byte> chunk = pack_chunk(std::span<const T>(values), chunk_rows);
    std::vector<T> expected = values;
    expected.resize(static_cast<std::size_t>(chunk_rows), missing_value<T>);
    for (std::int64_t row = 0; row < chunk_rows; ++row)
      EXPECT_EQ(value_at<T>(chunk, row), expected[static_cast<std::size_t>(row)]);
    const std::size_t stored = chunk.size();
    chunk.resize(stored + packed_slack_bytes);
    const PackedChunk packed = open_packed(std::span(chunk).first(stored), chunk_rows, storage);
    for (const Isa isa : {Isa::x86_64, Isa::avx2, Isa::avx512}) {
      if (isa > host_isa()) continue;
      set_active_isa(isa);
      for (const auto& [begin, end] : {std::pair<std::int64_t, std::int64_t>{0, chunk_rows},
                                       {0, 0},
                                       {3, 4},
                                       {5, 23},
                                       {16, 48},
                                       {17, 31},
                                       {1, chunk_rows - 1}}) {
        std::vector<T> out(static_cast<std::size_t>(end - begin) + 1, T{77});
        unpack(packed, begin, end, out.data());
        EXPECT_EQ(out.back(), T{77}) << "wrote past the slice";
        out.pop_back();
        EXPECT_TRUE(std::equal(out.begin(), out.end(), expected.begin() + begin))
            << name_of(isa) << " " << packed.width << " " << begin;
      }
    }
  }
};

using Integers = ::testing::Types<std::int32_t, std::int64_t>;
TYPED_TEST_SUITE(BitPack, Integers);

TYPED_TEST(BitPack, EveryWidthAndSliceEqualsNaiveReading) {
  for (int width = 1; width < static_cast<int>(8 * sizeof(TypeParam)); ++width)
    this->expect_slices(this->random_values(width, 100), 128);
}

TYPED_TEST(BitPack, EdgeChunks) {
  constexpr TypeParam low = std::numeric_limits<TypeParam>::min() + 1, high = std::numeric_limits<TypeParam>::max();
  this->expect_slices({}, 64);
  this->expect_slices({5}, 64);
  this->expect_slices(std::vector<TypeParam>(64, missing_value<TypeParam>), 64);
  this->expect_slices(std::vector<TypeParam>(64, 9), 64);
  this->expect_slices({low, high, missing_value<TypeParam>, 0}, 64);
  this->expect_slices({0, high}, 64);
  this->expect_slices({high, high - 1}, 64);
  this->expect_slices({low, low + 1}, 64);
}

TYPED_TEST(BitPack, WidthZeroIsAllMissing) {
  std::vector<std::byte> chunk(22 + packed_slack_bytes);
  const PackedChunk packed = open_packed(std::span(chunk).first(22), 32, this->storage);
  std::vector<TypeParam> out(32);
  unpack(packed, 0, 32, out.data());
  EXPECT_EQ(out, std::vector<TypeParam>(32, missing_value<TypeParam>));
}

TYPED_TEST(BitPack, RefusesWhatCannotBeAChunk) {
  std::vector<std::byte> chunk = pack_chunk(std::span<const TypeParam>(this->random_values(9, 64)), 64);
  const auto open = [&](std::span<const std::byte> bytes, std::int64_t rows) {
    (void)open_packed(bytes, rows, this->storage);
  };
  EXPECT_NO_THROW(open(chunk, 64));
  EXPECT_THROW(open(std::span(chunk).first(50), 64), Error);
  EXPECT_THROW(open(chunk, 1024), Error);
  chunk[0] = std::byte{65};
  EXPECT_THROW(open(chunk, 1), Error);
  chunk[3] = std::byte{0xFF};
  EXPECT_THROW(open(chunk, 1), Error);
  EXPECT_THROW(open({}, 0), Error);
}

}  // namespace
}  // namespace cohort
