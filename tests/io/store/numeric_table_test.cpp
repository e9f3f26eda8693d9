// SPDX-License-Identifier: Apache-2.0
#include "io/store/numeric_table.hpp"

#include <gtest/gtest.h>

#include <bit>

#include "tests/io/store/store_fixture.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

using testing::ShardPlan;

std::uint64_t bits_of(double value) {
  return std::bit_cast<std::uint64_t>(value);
}

TEST(ShardNumericTable, BlocksHoldValuesByGlobalRow) {
  const testing::TemporaryFolder folder;
  const Manifest manifest = testing::write_plans(
      folder.path(),
      {{0, std::vector<std::int64_t>(40000, 0)}, {}, {50000, {1, 2, 0}}, {70000, std::vector<std::int64_t>(16384, 0)}});
  const ShardNumericTable table(manifest, folder.path(), {3, 0, 1, 2}, {"age", "customer"});
  EXPECT_EQ(table.total_rows(), 40000 + 3 + 16384);
  EXPECT_EQ(table.block_count(), 3 + 1 + 1);
  std::int64_t row = 0;
  const auto reader = table.reader();
  for (std::int64_t b = 0; b < table.block_count(); ++b) {
    const NumericBlock block = reader->read(b);
    EXPECT_EQ(block.first_row, row);
    EXPECT_EQ(block.rows, table.block_rows(b));
    for (std::size_t i = 0; i < static_cast<std::size_t>(block.rows); ++i, ++row) {
      const std::int64_t id = row < 40000 ? row : row < 40003 ? row + 10000 : row + 29997;
      EXPECT_EQ(block.columns[1][i], static_cast<double>(id));
      EXPECT_EQ(bits_of(block.columns[0][i]),
                id % 5 == 0 ? missing_float64_bits : bits_of(static_cast<double>(20 + id % 60)));
    }
  }
  EXPECT_EQ(row, table.total_rows());
}

TEST(ShardNumericTable, DecimalsAndDoublesOfAnyTableAndShard) {
  const testing::TemporaryFolder folder;
  const Manifest manifest = testing::write_plans(folder.path(), {{0, {5}}, {10, {20000, 50000}}});
  const ShardNumericTable table(manifest, folder.path(), {1}, {"weight", "amount"}, "transactions");
  EXPECT_EQ(table.total_rows(), 70005);
  const auto reader = table.reader();
  const NumericBlock block = reader->read(4);
  EXPECT_EQ(block.first_row, 5 + 4 * 16384);
  EXPECT_EQ(block.rows, 70000 - 4 * 16384);
  for (std::size_t i = 0; i < static_cast<std::size_t>(block.rows); ++i) {
    const std::int64_t event = 4 * 16384 + static_cast<std::int64_t>(i), amount = testing::amount_of(event);
    EXPECT_EQ(bits_of(block.columns[0][i]), bits_of(testing::weight_of(event)));
    EXPECT_EQ(bits_of(block.columns[1][i]),
              amount == missing_int64 ? missing_float64_bits : bits_of(static_cast<double>(amount) / 100));
  }
}

TEST(ShardNumericTable, NoShardsNoBlocks) {
  const testing::TemporaryFolder folder;
  const Manifest manifest = testing::write_plans(folder.path(), {{0, {5}}});
  const ShardNumericTable table(manifest, folder.path(), {}, {"age"});
  EXPECT_EQ(table.block_count(), 0);
  EXPECT_EQ(table.total_rows(), 1);
}

TEST(ShardNumericTable, RefusesUnknownAndTextColumns) {
  const testing::TemporaryFolder folder;
  const Manifest manifest = testing::write_plans(folder.path(), {{0, {5}}});
  EXPECT_THROW(ShardNumericTable(manifest, folder.path(), {0}, {"agee"}), Error);
  EXPECT_THROW(ShardNumericTable(manifest, folder.path(), {0}, {"name"}), Error);
  EXPECT_THROW(ShardNumericTable(manifest, folder.path(), {0}, {"age"}, "clicks"), Error);
}

}  // namespace
}  // namespace cohort
