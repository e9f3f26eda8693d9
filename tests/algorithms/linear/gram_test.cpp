// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/gram.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/isa.hpp"

namespace cohort::testing {
namespace {

std::vector<double> wave(std::int64_t columns, double step) {
  std::vector<double> values(static_cast<std::size_t>(padded_to_gram(columns) * gram_rows));
  for (std::size_t i = 0; i < static_cast<std::size_t>(columns * gram_rows); ++i) {
    values[i] = std::sin(step * static_cast<double>(i));
  }
  return values;
}

TEST(GramSums, EqualsANaiveLoopAtEachLevelAndSize) {
  for (const Isa isa : {Isa::x86_64, Isa::avx2, Isa::avx512}) {
    if (isa > host_isa()) continue;
    set_active_isa(isa);
    for (const std::int64_t columns : {1, 4, 5, 9, 30}) {
      const std::vector<double> values = wave(columns, 0.7);
      GramSums sums(columns);
      sums.add(values.data());
      sums.add(values.data());
      for (std::int64_t i = 0; i < columns; ++i) {
        for (std::int64_t j = i; j < columns; ++j) {
          double naive = 0;
          for (std::int64_t row = 0; row < gram_rows; ++row) {
            naive += 2 * values[static_cast<std::size_t>(i * gram_rows + row)] *
                     values[static_cast<std::size_t>(j * gram_rows + row)];
          }
          EXPECT_NEAR(sums.sum(i, j), naive, 1e-12) << name_of(isa) << ' ' << columns << ' ' << i << ' ' << j;
        }
      }
      sums.clear();
      EXPECT_EQ(sums.sum(0, columns - 1), 0);
    }
  }
  set_active_isa(host_isa());
}

}  // namespace
}  // namespace cohort::testing
