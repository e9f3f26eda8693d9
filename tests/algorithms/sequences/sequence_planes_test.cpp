// SPDX-License-Identifier: Apache-2.0
#include "algorithms/sequences/sequence_planes.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/isa.hpp"
#include "core/random.hpp"

namespace cohort::testing {
namespace {

constexpr std::uint8_t gone = 255;

std::vector<ByteLine> random_lines(RandomStream& random, std::size_t lines, std::int64_t below) {
  std::vector<ByteLine> made(lines);
  for (ByteLine& line : made) {
    for (std::uint8_t& byte : line.bytes) byte = static_cast<std::uint8_t>(random.below(below));
  }
  return made;
}

class ByteKernelsAtEachLevel : public ::testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (GetParam() > host_isa()) GTEST_SKIP() << "this machine lacks " << name_of(GetParam());
    set_active_isa(GetParam());
  }
  void TearDown() override { set_active_isa(host_isa()); }
};

TEST_P(ByteKernelsAtEachLevel, EqualLoopsOverBytes) {
  RandomStream random(1, "bytes", 0);
  constexpr std::size_t lines = 3, n_planes = 4;
  const std::vector<ByteLine> planes = random_lines(random, n_planes * lines, 255);
  std::vector<ByteLine> ends = random_lines(random, lines, 256), first(lines), packed(lines + 1);
  for (std::size_t i = 0; i < 90; ++i) ends[static_cast<std::size_t>(random.below(lines))].bytes[i % 64] = gone;
  const auto byte = [](const std::vector<ByteLine>& rows, std::size_t i) { return rows[i / 64].bytes[i % 64]; };
  const ByteKernels& kernels = byte_kernels();
  kernels.first_after(planes.data(), n_planes, ends.data(), first.data(), lines);
  kernels.pack(planes.data(), ends.data(), packed.data(), lines);
  std::int64_t after = 0, held = 0;
  for (std::size_t i = 0; i < 64 * lines; ++i) {
    after += byte(planes, i) > byte(ends, i) ? 1 : 0;
    std::uint8_t last_above = gone;
    for (std::size_t k = 0; k < n_planes; ++k) {
      const std::uint8_t place = byte(planes, 64 * k * lines + i);
      if (place > byte(ends, i)) last_above = place;
    }
    EXPECT_EQ(byte(first, i), last_above) << i;
    if (byte(ends, i) == gone) continue;
    EXPECT_EQ(byte(packed, static_cast<std::size_t>(held++)), byte(planes, i)) << i;
  }
  EXPECT_EQ(kernels.count_after(planes.data(), ends.data(), lines), after);
  EXPECT_EQ(kernels.count_held(ends.data(), lines), held);
}

INSTANTIATE_TEST_SUITE_P(, ByteKernelsAtEachLevel, ::testing::Values(Isa::x86_64, Isa::avx2, Isa::avx512),
                         [](const auto& level) { return "level" + std::to_string(static_cast<int>(level.param)); });

/// Sequences A B C A, A C, A of which 40 each follow one another.
SequenceDatabase three_kinds() {
  SequenceDatabase sequences;
  sequences.n_items = 3;
  std::vector<std::int32_t> marked;
  std::vector<std::int64_t> rows;
  for (std::int64_t row = 0; row < 120; ++row) {
    const std::vector<std::int32_t> kinds[] = {{0, -1, 1, -1, 2, -1, 0, -1, -2}, {0, -1, 2, -1, -2}, {0, -1, -2}};
    marked.insert(marked.end(), kinds[row % 3].begin(), kinds[row % 3].end());
    rows.push_back(row);
  }
  sequences.add_marked(marked, rows);
  return sequences;
}

std::vector<Occurrence> places_of_first(const SequenceDatabase& sequences) {
  std::vector<Occurrence> places;
  for (std::int32_t s = 0; s < sequences.size(); ++s) {
    const auto first = static_cast<std::int32_t>(sequences.first_element[static_cast<std::size_t>(s)]);
    places.push_back({s, first, first});
  }
  return places;
}

TEST(SequencePlanes, CountWhatFollowsAndGoOn) {
  const SequenceDatabase sequences = three_kinds();
  const std::vector<std::int32_t> items{0, 1, 2}, fewer{0, 2};
  std::vector<std::int32_t> row_of(3, -1);
  const auto planes = SequencePlanes::of(sequences, places_of_first(sequences), items, row_of);
  ASSERT_TRUE(planes.has_value());
  EXPECT_EQ(row_of, std::vector<std::int32_t>(3, -1));
  ASSERT_EQ(planes->lines(), 2);
  const std::vector<ByteLine> ends = planes->first_ends();
  EXPECT_EQ(planes->count_after(0, ends.data()), 40);
  EXPECT_EQ(planes->count_after(1, ends.data()), 40);
  EXPECT_EQ(planes->count_after(2, ends.data()), 80);
  std::vector<ByteLine> after_b(2);
  planes->first_after(1, ends.data(), after_b.data());
  EXPECT_EQ(planes->count_after(2, after_b.data()), 40);
  const SequencePlanes packed = planes->narrowed(items, fewer, after_b);
  EXPECT_EQ(packed.lines(), 1) << "40 of 120 columns are left";
  EXPECT_EQ(packed.count_after(0, after_b.data()), 40);
  EXPECT_EQ(packed.count_after(1, after_b.data()), 40) << "the rows are those of A and C";
}

TEST(SequencePlanes, AreNotMadeOfFewSequencesOrEmptyRows) {
  const SequenceDatabase sequences = three_kinds();
  const std::vector<std::int32_t> items{0, 1, 2};
  std::vector<std::int32_t> row_of(3, -1);
  const std::vector<Occurrence> places = places_of_first(sequences);
  EXPECT_FALSE(SequencePlanes::of(sequences, std::span(places).first(3), items, row_of).has_value());
  std::vector<Occurrence> alone;
  std::copy_if(places.begin(), places.end(), std::back_inserter(alone),
               [](const Occurrence& place) { return place.sequence % 3 == 2; });
  EXPECT_FALSE(SequencePlanes::of(sequences, alone, items, row_of).has_value()) << "nothing follows";
  EXPECT_EQ(row_of, std::vector<std::int32_t>(3, -1));
}

}  // namespace
}  // namespace cohort::testing
