// SPDX-License-Identifier: Apache-2.0
#include "io/store/numeric_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>

#include "core/isa.hpp"
#include "io/store/shard_writer.hpp"
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

TEST(ShardNumericTable, DecimalsAreQuotientsAtEveryInstructionLevel) {
  const testing::TemporaryFolder folder;
  constexpr std::size_t rows = 20'000;
  std::mt19937_64 random(1);
  TableData data{.name = std::string(customers_table), .columns = {}};
  for (int scale = 0; scale <= 18; ++scale) {
    std::vector<std::int64_t> numbers(rows);
    for (std::int64_t& number : numbers) number = static_cast<std::int64_t>(random()) >> random() % 64;
    numbers.front() = missing_int64;
    const Column column{.name = fmt::format("d{}", scale), .type = ColumnType::decimal, .scale = scale};
    data.columns.push_back(ColumnData{column, std::move(numbers)});
  }
  const Manifest manifest{.tables = {schema_of(data)},
                          .shards = {write_shard(folder.file("shard-00000.h5"), std::span(&data, 1))}};
  std::vector<std::string> names;
  for (const ColumnData& column : data.columns) names.push_back(column.column.name);
  for (const Isa isa : {Isa::x86_64, Isa::avx2, Isa::avx512}) {
    if (isa > host_isa()) continue;
    set_active_isa(isa);
    const ShardNumericTable table(manifest, folder.path(), {0}, names);
    const auto reader = table.reader();
    const NumericBlock block = reader->read(0);
    for (std::size_t scale = 0; scale < names.size(); ++scale) {
      const auto& numbers = std::get<std::vector<std::int64_t>>(data.columns[scale].values);
      const double divisor = static_cast<double>(power_of_ten(static_cast<int>(scale)));
      EXPECT_EQ(bits_of(block.columns[scale][0]), missing_float64_bits);
      for (std::size_t i = 1; i < block.columns[scale].size(); ++i)
        ASSERT_EQ(bits_of(block.columns[scale][i]), bits_of(static_cast<double>(numbers[i]) / divisor)) << numbers[i];
      const auto [low, high] = std::minmax_element(numbers.begin() + 1, numbers.end());
      const auto grid = table.grid(scale);
      ASSERT_TRUE(grid.has_value());
      EXPECT_TRUE(grid->low == *low && grid->high == *high && grid->divisor == divisor);
    }
  }
  set_active_isa(host_isa());
}

}  // namespace
}  // namespace cohort
