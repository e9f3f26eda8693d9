// SPDX-License-Identifier: Apache-2.0
#include "io/store/shard_writer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "io/durable_file.hpp"
#include "io/store/hdf5_file.hpp"
#include "io/store/shard_reader.hpp"
#include "tests/io/store/store_fixture.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

using testing::ShardPlan;

const ColumnValues& values_of(const TableData& table, std::size_t column) {
  return table.columns[column].values;
}

TEST(ShardWriter, EveryColumnReadsBackThroughUsAndThroughHdf5) {
  for (const std::vector<std::int64_t>& events :
       {std::vector<std::int64_t>{}, {0}, {3, 0, 1}, {1024}, {65536, 65537}}) {
    const testing::TemporaryFolder folder;
    const ShardPlan plan{11, events};
    const Manifest manifest = testing::write_plans(folder.path(), {plan});
    const TableData customers = testing::customers_of(plan), transactions = testing::transactions_of(plan);
    EXPECT_EQ(read_column(manifest, folder.path(), 0, "customers", "customer"), values_of(customers, 0));
    EXPECT_EQ(read_column(manifest, folder.path(), 0, "customers", "age"), values_of(customers, 1));
    EXPECT_EQ(read_column(manifest, folder.path(), 0, "customers", "name"), values_of(customers, 2));
    EXPECT_EQ(read_column(manifest, folder.path(), 0, "transactions", "amount"), values_of(transactions, 1));
    EXPECT_EQ(read_column(manifest, folder.path(), 0, "transactions", "item"), values_of(transactions, 2));
    const Hdf5File file = Hdf5File::open(folder.file(shard_name(0)));
    EXPECT_EQ(ColumnValues(file.read<std::int64_t>("/transactions/amount")), values_of(transactions, 1));
    EXPECT_EQ(ColumnValues(file.read<std::int32_t>("/transactions/item")), values_of(transactions, 2));
    EXPECT_EQ(file.read<double>("/transactions/weight").size(),
              std::get<std::vector<double>>(values_of(transactions, 3)).size());
    EXPECT_EQ(file.read<char>("/customers/name/bytes"), std::get<TextValues>(values_of(customers, 2)).bytes);
  }
}

TEST(ShardWriter, SameTablesSameBytesAndNoLeftovers) {
  const testing::TemporaryFolder a, b;
  const Manifest first = testing::write_plans(a.path(), {{0, {5, 70000}}});
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // a clock in the file would show
  const Manifest second = testing::write_plans(b.path(), {{0, {5, 70000}}});
  EXPECT_EQ(first, second);
  EXPECT_EQ(read_file(a.file(shard_name(0))), read_file(b.file(shard_name(0))));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(a.path()), {}), 1);
}

TEST(ShardWriter, UnequalColumnsAndWrongKindsAreInternalErrors) {
  const testing::TemporaryFolder folder;
  TableData table{"customers", {}};
  testing::add_column(table, {.name = "id"}, std::vector<std::int64_t>{1, 2});
  testing::add_column(table, {.name = "age", .type = ColumnType::int32}, std::vector<std::int32_t>{1});
  EXPECT_THROW((void)write_shard(folder.file("x.h5"), std::span(&table, 1)), Error);
  table.columns[1].values = std::vector<double>{1, 2};
  EXPECT_THROW((void)write_shard(folder.file("x.h5"), std::span(&table, 1)), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ShardWriter, TableWithoutColumnsHasNoRows) {
  const testing::TemporaryFolder folder;
  const TableData table{"customers", {}};
  EXPECT_EQ(write_shard(folder.file("x.h5"), std::span(&table, 1)).tables[0].rows, 0);
}

}  // namespace
}  // namespace cohort
