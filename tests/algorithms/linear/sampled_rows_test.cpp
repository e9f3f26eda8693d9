// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/sampled_rows.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "algorithms/linear/gram_tile.hpp"
#include "tests/algorithms/memory_table.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

TEST(SampledRows, TakesEveryThirdRunOfRowsWhoeverOwnsThem) {
  const TestContext test;
  constexpr std::int64_t rows_per_block = 4 * gram_rows, blocks = 5, stride = 3;
  std::vector<double> numbers(static_cast<std::size_t>(blocks * rows_per_block - 50));
  std::iota(numbers.begin(), numbers.end(), 0.0);
  const MemoryTable table({"number"}, {numbers}, rows_per_block, test.comm());
  const SampledRows sample(table, stride, test.context());
  EXPECT_EQ(sample.block_count(), table.block_count());
  std::int64_t expected_total = 0;
  for (std::int64_t block = 0; block < blocks; ++block) {
    std::vector<double> expected;
    for (std::int64_t run = block * 4 % stride; run < 4; run += stride) {
      const std::int64_t begin = block * rows_per_block + run * gram_rows;
      for (std::int64_t row = begin; row < std::min(begin + gram_rows, std::ssize(numbers)); ++row) {
        expected.push_back(static_cast<double>(row));
      }
    }
    expected_total += std::ssize(expected);
    if (block % test.comm().size() != test.comm().rank()) continue;
    const NumericBlock found = sample.reader()->read(block / test.comm().size());
    EXPECT_EQ(std::vector<double>(found.columns[0].begin(), found.columns[0].end()), expected);
  }
  EXPECT_EQ(sample.total_rows(), expected_total);
}

TEST(SampledRows, AnEmptyTableHasAnEmptySample) {
  const TestContext test;
  const MemoryTable table({"number"}, {{}}, 10, test.comm());
  EXPECT_EQ(SampledRows(table, 4, test.context()).total_rows(), 0);
}

}  // namespace
}  // namespace cohort::testing
