// SPDX-License-Identifier: Apache-2.0
#include "io/store/hdf5_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <limits>
#include <random>
#include <thread>

#include "core/error.hpp"
#include "io/durable_file.hpp"
#include "io/store/bit_pack.hpp"
#include "io/store/zstd_chunk.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

std::vector<std::byte> encode(const std::vector<double>& values, std::int64_t rows) {
  return compress_chunk(std::span(values), rows);
}
std::vector<std::byte> encode(const std::vector<char>& values, std::int64_t rows) {
  return compress_chunk(std::span(values), rows);
}
template <typename T>
std::vector<std::byte> encode(const std::vector<T>& values, std::int64_t rows) {
  return pack_chunk(std::span<const T>(values), rows);
}

/// One chunk written by libhdf5 through its filters, and by us raw: the library must read ours, and have written the
/// same.
template <typename T>
void expect_like_library(const std::vector<T>& values) {
  constexpr std::int64_t rows = 64;
  const testing::TemporaryFolder folder;
  const auto element = element_of<T>;
  Hdf5File theirs = Hdf5File::create(folder.file("theirs.h5"));
  theirs.create_chunked("/t/x", element, std::ssize(values), rows);
  theirs.write_rows<T>("/t/x", 0, values);
  theirs.close();
  const std::vector<std::byte> chunk = encode(values, rows);
  Hdf5File ours = Hdf5File::create(folder.file("ours.h5"));
  ours.create_chunked("/t/x", element, std::ssize(values), rows);
  const ChunkPlace place = ours.write_chunk("/t/x", 0, rows, chunk);
  ours.close();
  EXPECT_EQ(place.bytes, std::ssize(chunk));
  const std::vector<T> read = Hdf5File::open(folder.file("ours.h5")).template read<T>("/t/x");
  EXPECT_TRUE(std::equal(read.begin(), read.end(), values.begin(), values.end(),
                         [](T a, T b) { return std::memcmp(&a, &b, sizeof(T)) == 0; }));
  const std::string file = read_file(folder.file("theirs.h5"));
  // libhdf5 leaves the last byte of a chunk of full width unset.
  const bool integers = std::is_same_v<T, std::int32_t> || std::is_same_v<T, std::int64_t>;
  const bool raw = integers && chunk[0] == std::byte{8 * sizeof(T)};
  const std::string_view bytes(reinterpret_cast<const char*>(chunk.data()), chunk.size() - (raw ? 1 : 0));
  EXPECT_NE(file.find(bytes), std::string::npos)
      << "the library encodes otherwise, width " << static_cast<int>(chunk[0]);
}

template <typename T>
class Packed : public ::testing::Test {};
using Integers = ::testing::Types<std::int32_t, std::int64_t>;
TYPED_TEST_SUITE(Packed, Integers);

TYPED_TEST(Packed, EveryWidth) {
  std::mt19937_64 bits(5);
  for (int width = 1; width < static_cast<int>(8 * sizeof(TypeParam)); ++width) {
    std::vector<TypeParam> values(64);
    const std::uint64_t codes = (std::uint64_t{1} << width) - 1;
    for (auto& value : values)
      value = bits() % 9 == 0 ? std::numeric_limits<TypeParam>::min() : static_cast<TypeParam>(bits() % codes - 3);
    values[0] = -3;
    values[1] = static_cast<TypeParam>(codes - 4);
    expect_like_library(values);
  }
}

TYPED_TEST(Packed, Edges) {
  using T = TypeParam;
  constexpr T missing = std::numeric_limits<T>::min(), low = missing + 1, high = std::numeric_limits<T>::max();
  for (const std::vector<T>& values :
       {std::vector<T>(64, missing), std::vector<T>(64, 9), std::vector<T>{5}, std::vector<T>{missing},
        std::vector<T>{low, high, missing}, std::vector<T>{low, high - 1}, std::vector<T>{low, high - 2},
        std::vector<T>{low, high - 3}, std::vector<T>{0, high}, std::vector<T>{0, high - 1},
        std::vector<T>{-1, high - 2}, std::vector<T>{low, low + 1}, std::vector<T>{high, high - 1}}) {
    expect_like_library(values);
  }
}

TEST(Hdf5File, WidthZeroReadsAsFillValue) {
  const testing::TemporaryFolder folder;
  std::vector<std::byte> chunk(22);
  chunk[4] = std::byte{8};
  Hdf5File file = Hdf5File::create(folder.file("zero.h5"));
  file.create_chunked("x", Element::int32, 64, 64);
  file.write_chunk("x", 0, 64, chunk);
  file.close();
  EXPECT_EQ(Hdf5File::open(folder.file("zero.h5")).read<std::int32_t>("x"),
            std::vector<std::int32_t>(64, missing_int32));
}

TEST(Hdf5File, FloatsAndBytes) {
  std::vector<double> values(64, missing_float64);
  for (std::size_t i = 1; i < 64; ++i) values[i] = 1.0 / static_cast<double>(i);
  values[1] = -0.0;
  values[2] = std::numeric_limits<double>::infinity();
  expect_like_library(values);
  values.resize(3);
  expect_like_library(values);
  expect_like_library(std::vector<char>{'a', '\0', 'z'});
}

TEST(Hdf5File, AttributesAndPlainRowsLeaveNoClock) {
  const testing::TemporaryFolder folder;
  for (const char* name : {"a.h5", "b.h5"}) {
    Hdf5File file = Hdf5File::create(folder.file(name));
    file.create_plain("/t/x", Element::float64, 4);
    file.write_rows<double>("/t/x", 1, std::vector<double>{1.5, 2.5});
    file.write_type("/t/x", {.name = "x", .type = ColumnType::decimal, .scale = 3});
    file.write_attribute("/t", "empty", "");
    file.close();
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // HDF5 counts object times in seconds
  }
  EXPECT_EQ(read_file(folder.file("a.h5")), read_file(folder.file("b.h5")));
  const auto rows = Hdf5File::open(folder.file("a.h5")).read<double>("/t/x");
  EXPECT_EQ(std::bit_cast<std::uint64_t>(rows[0]), missing_float64_bits);
  EXPECT_EQ(rows[2], 2.5);
}

TEST(Hdf5File, ErrorsNameFileObjectAndCause) {
  const testing::TemporaryFolder folder;
  try {
    (void)Hdf5File::open(folder.file("none.h5"));
    ADD_FAILURE() << "opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_data);
    EXPECT_NE(std::string(error.what()).find("none.h5"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("No such file"), std::string::npos) << error.what();
  }
  Hdf5File file = Hdf5File::create(folder.file("a.h5"));
  EXPECT_THROW((void)file.read<double>("missing"), Error);
  EXPECT_THROW((void)Hdf5File::create(folder.file("no/folder.h5")), Error);
}

}  // namespace
}  // namespace cohort
