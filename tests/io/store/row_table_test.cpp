// SPDX-License-Identifier: Apache-2.0
#include "io/store/row_table.hpp"

#include <gtest/gtest.h>

#include <bit>

#include "core/error.hpp"
#include "tests/io/store/store_fixture.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

TEST(ShardRowTable, RowsOfAnyTableAsStored) {
  const testing::TemporaryFolder folder;
  const Manifest manifest = testing::write_plans(folder.path(), {{0, {5}}, {}, {10, {20000, 50000}}});
  const ShardRowTable table(manifest, folder.path(), {2, 0, 1}, "transactions", {"weight", "amount"});
  ASSERT_EQ(table.blocks().size(), 1 + 2);
  const auto reader = table.reader();
  for (std::size_t b = 1; b < table.blocks().size(); ++b) {
    const ShardRowTable::Block& block = table.blocks()[b];
    EXPECT_EQ(block.shard, 2);
    std::int64_t row = block.first;
    reader->read(static_cast<std::int64_t>(b), [&](const RowTile& tile) {
      EXPECT_EQ(tile.first, row);
      ASSERT_LE(tile.rows, static_cast<std::size_t>(row_tile_rows));
      for (std::size_t i = 0; i < tile.rows; ++i, ++row) {
        EXPECT_EQ(std::bit_cast<std::uint64_t>(tile.columns[0].float64s[i]),
                  std::bit_cast<std::uint64_t>(testing::weight_of(row)));
        EXPECT_EQ(tile.columns[1].int64s[i], testing::amount_of(row));
      }
    });
    EXPECT_EQ(row, block.first + block.rows);
  }
}

TEST(ShardRowTable, ZonesHoldTheirBlocks) {
  const testing::TemporaryFolder folder;
  const Manifest manifest = testing::write_plans(folder.path(), {{0, {150'000}}});
  const ShardRowTable table(manifest, folder.path(), {0}, "transactions", {"amount"});
  ASSERT_EQ(table.blocks().size(), 3);
  const auto reader = table.reader();
  for (std::int64_t b = 0; b < 3; ++b) {
    Zone seen;
    reader->read(b, [&](const RowTile& tile) {
      for (const std::int64_t value : tile.columns[0].int64s)
        if (value != missing_int64) seen.add({value, value});
    });
    EXPECT_EQ(table.zone(table.blocks()[static_cast<std::size_t>(b)], 0), seen);
  }
}

TEST(ShardRowTable, RowsWithoutColumnsAreCounted) {
  const testing::TemporaryFolder folder;
  const Manifest manifest = testing::write_plans(folder.path(), {{0, {5, 0, 7}}});
  const ShardRowTable table(manifest, folder.path(), {0}, customers_table, {});
  std::size_t rows = 0;
  table.reader()->read(0, [&](const RowTile& tile) { rows += tile.rows; });
  EXPECT_EQ(rows, 3);
  EXPECT_TRUE(ShardRowTable(manifest, folder.path(), {}, customers_table, {}).blocks().empty());
}

TEST(ShardRowTable, RefusesUnknownColumns) {
  const testing::TemporaryFolder folder;
  const Manifest manifest = testing::write_plans(folder.path(), {{0, {5}}});
  EXPECT_THROW(ShardRowTable(manifest, folder.path(), {0}, customers_table, {"colour"}), Error);
  EXPECT_THROW(ShardRowTable(manifest, folder.path(), {0}, "clicks", {}), Error);
}

}  // namespace
}  // namespace cohort
