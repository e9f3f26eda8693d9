// SPDX-License-Identifier: Apache-2.0
#include "algorithms/group_by/tile_integers.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "core/column.hpp"
#include "core/isa.hpp"

namespace cohort {
namespace {

/// Calls work() at each instruction level of this machine.
template <class Work>
void at_each_level(const Work& work) {
  const Isa before = active_isa();
  for (const Isa isa : {Isa::x86_64, Isa::avx2, Isa::avx512}) {
    if (isa > host_isa()) continue;
    set_active_isa(isa);
    work();
  }
  set_active_isa(before);
}

TEST(TileIntegers, CodesCountFromTheLeastValueAndMissingHasItsOwn) {
  std::vector<std::int32_t> narrow;
  std::vector<std::int64_t> wide;
  for (std::int32_t i = 0; i < 37; ++i) {
    narrow.push_back(i % 5 == 3 ? missing_int32 : i * 7 - 100);
    wide.push_back(i % 5 == 3 ? missing_int64 : i * 7 - 100);
  }
  at_each_level([&] {
    for (const bool first : {true, false}) {
      const FieldCodes codes{.low = static_cast<std::uint64_t>(-100), .of_missing = 300, .shift = 4, .first = first};
      std::vector<std::uint64_t> of_narrow(37, 9), of_wide(37, 9);
      add_codes(narrow, codes, of_narrow.data());
      add_codes(wide, codes, of_wide.data());
      for (std::uint64_t i = 0; i < 37; ++i) {
        const std::uint64_t code = (i % 5 == 3 ? 300 : i * 7) << 4;
        EXPECT_EQ(of_narrow[i], first ? code : code | 9);
        EXPECT_EQ(of_wide[i], of_narrow[i]);
      }
    }
  });
}

TEST(TileIntegers, WidenedMissingStaysMissing) {
  const std::vector<std::int32_t> values{5, missing_int32, -7, 0, missing_int32 + 1, 2'000'000'000, 1, 2, 3};
  at_each_level([&] {
    std::vector<std::int64_t> wide(values.size());
    widen(values, wide.data());
    for (std::size_t i = 0; i < values.size(); ++i)
      EXPECT_EQ(wide[i], values[i] == missing_int32 ? missing_int64 : values[i]);
  });
}

}  // namespace
}  // namespace cohort
