// SPDX-License-Identifier: Apache-2.0
// A stored chunk: whatever its bytes, the decoders stay inside it; what was packed comes back. The first two bytes
// choose the rows and the type.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "core/error.hpp"
#include "core/isa.hpp"
#include "io/store/bit_pack.hpp"
#include "io/store/zstd_chunk.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace cohort {
namespace {

std::vector<std::byte> with_slack(std::span<const std::byte> chunk) {
  std::vector<std::byte> room(chunk.begin(), chunk.end());
  room.resize(chunk.size() + packed_slack_bytes);
  return room;
}

/// The same values at every instruction level, from any row on.
template <class Int>
void unpack_everywhere(std::span<const std::byte> chunk, std::int64_t rows, Storage storage) {
  const std::vector<std::byte> room = with_slack(chunk);
  const PackedChunk packed = open_packed(std::span(room).first(chunk.size()), rows, storage);
  std::vector<Int> expected;
  for (const Isa isa : {Isa::x86_64, Isa::avx2, Isa::avx512}) {
    if (isa > host_isa()) continue;
    set_active_isa(isa);
    std::vector<Int> values(static_cast<std::size_t>(rows)), rest(static_cast<std::size_t>(rows - rows / 3));
    unpack(packed, 0, rows, values.data());
    unpack(packed, rows / 3, rows, rest.data());
    if (!std::equal(rest.begin(), rest.end(), values.begin() + rows / 3)) std::abort();
    if (!expected.empty() && values != expected) std::abort();
    expected = std::move(values);
  }
}

template <class Int>
void there_and_back(std::span<const std::byte> bytes, std::int64_t rows, Storage storage) {
  std::vector<Int> values(std::min(bytes.size() / sizeof(Int), static_cast<std::size_t>(rows)));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(Int));
  const std::vector<std::byte> chunk = pack_chunk(std::span<const Int>(values), rows);
  const std::vector<std::byte> room = with_slack(chunk);
  std::vector<Int> back(values.size());
  unpack(open_packed(std::span(room).first(chunk.size()), rows, storage), 0, std::ssize(back), back.data());
  if (back != values) std::abort();
}

template <class Work>
void allow_errors(const Work& work) {
  try {
    work();
  } catch (const Error&) {
  }
}

}  // namespace
}  // namespace cohort

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cohort;
  if (size < 2) return 0;
  const std::int64_t rows = 1 + data[0] * 5;
  const bool wide = data[1] % 2 == 1;
  const auto chunk = std::as_bytes(std::span(data, size)).subspan(2);
  allow_errors([&] {
    wide ? unpack_everywhere<std::int64_t>(chunk, rows, Storage::int64)
         : unpack_everywhere<std::int32_t>(chunk, rows, Storage::int32);
  });
  if (wide) {
    there_and_back<std::int64_t>(chunk, rows, Storage::int64);
  } else {
    there_and_back<std::int32_t>(chunk, rows, Storage::int32);
  }
  std::vector<double> numbers(static_cast<std::size_t>(rows));
  std::vector<char> letters(static_cast<std::size_t>(rows));
  allow_errors([&] { decompress_chunk(chunk, std::span(numbers)); });
  allow_errors([&] { decompress_chunk(chunk, std::span(letters)); });
  return 0;
}

std::vector<std::string> cohort::testing::fuzz_seeds() {
  const auto text = [](char rows, char wide, const std::vector<std::byte>& chunk) {
    return std::string{rows, wide} + std::string(reinterpret_cast<const char*>(chunk.data()), chunk.size());
  };
  const std::vector<std::int32_t> small{5, 7, missing_int32, 9, -3};
  const std::vector<std::int64_t> large{1, missing_int64, std::int64_t{1} << 40};
  const std::vector<double> real{1.5, -2, 1e300};
  return {text(1, 0, pack_chunk(small, 6)), text(1, 1, pack_chunk(large, 6)), text(1, 0, compress_chunk(real, 6)),
          text(20, 0, pack_chunk(std::vector<std::int32_t>(101, 4), 101))};
}
