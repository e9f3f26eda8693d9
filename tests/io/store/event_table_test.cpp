// SPDX-License-Identifier: Apache-2.0
#include "io/store/event_table.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <map>

#include "tests/io/store/store_fixture.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

using testing::ShardPlan;

/// Reads a whole table tile by tile and checks every promise of the tiles against the plans.
void expect_all(const std::vector<ShardPlan>& plans, std::size_t expected_blocks) {
  const testing::TemporaryFolder folder;
  const Manifest manifest = testing::write_plans(folder.path(), plans);
  std::vector<std::int32_t> shards(plans.size());
  for (std::size_t i = 0; i < plans.size(); ++i) shards[i] = static_cast<std::int32_t>(i);
  const ShardEventTable table(manifest, folder.path(), shards, "transactions", {"weight", "item", "amount"});
  EXPECT_EQ(table.blocks().size(), expected_blocks);
  std::map<std::int32_t, std::int64_t> next_event, next_customer;
  const auto reader = table.reader();
  for (std::size_t b = 0; b < table.blocks().size(); ++b) {
    const EventTable::Block& block = table.blocks()[b];
    std::int64_t& event = next_event[block.shard];
    std::int64_t& customer = next_customer[block.shard];
    const std::int64_t first_event = event;
    EXPECT_EQ(block.first_customer, customer);
    bool open = false;
    std::int64_t seen = 0;
    reader->read(static_cast<std::int64_t>(b), [&](const EventTile& tile) {
      EXPECT_LE(std::ssize(tile.runs), event_tile_size);
      EXPECT_LE(std::ssize(tile.columns[0].float64s), event_tile_size);
      std::int32_t at = 0;
      for (const CustomerRun& run : tile.runs) {
        EXPECT_EQ(run.starts, !open);
        if (run.starts) seen = 0;
        EXPECT_EQ(run.customer, customer);
        EXPECT_EQ(run.begin, at);
        at = run.end;
        seen += run.end - run.begin;
        const bool ends =
            seen == plans[static_cast<std::size_t>(block.shard)].events[static_cast<std::size_t>(customer)];
        EXPECT_EQ(run.ends, ends);
        open = !ends;
        if (ends) ++customer;
      }
      EXPECT_EQ(at, std::ssize(tile.columns[1].int32s));
      for (std::size_t i = 0; i < static_cast<std::size_t>(at); ++i, ++event) {
        EXPECT_EQ(std::bit_cast<std::uint64_t>(tile.columns[0].float64s[i]),
                  std::bit_cast<std::uint64_t>(testing::weight_of(event)));
        EXPECT_EQ(tile.columns[1].int32s[i], event % 100);
        EXPECT_EQ(tile.columns[2].int64s[i], testing::amount_of(event));
      }
    });
    EXPECT_FALSE(open);
    EXPECT_EQ(customer, block.first_customer + block.customers);
    EXPECT_EQ(event - first_event, block.events);
  }
  for (std::size_t s = 0; s < plans.size(); ++s)
    EXPECT_EQ(next_customer[static_cast<std::int32_t>(s)], std::ssize(plans[s].events));
}

TEST(ShardEventTable, EmptyShardsAndCustomersWithoutEvents) {
  expect_all({{}, {0, {0}}, {1, {0, 3, 0, 0, 1, 0}}, {}}, 2);
}

TEST(ShardEventTable, BlocksCloseAtTheCustomerThatReachesTheSize) {
  expect_all({{0, {65535, 1, 65536, 65535, 0, 0, 7, 5}}}, 4);
}

TEST(ShardEventTable, GiantCustomerSpansTiles) {
  expect_all({{0, {100, 300000, 0, 2}}}, 2);
}

TEST(ShardEventTable, TileBordersAtCustomers) {
  expect_all({{0, {8192, 8192, 0, 1, 8191, 0, 0, 8193, 0}}}, 1);
}

TEST(ShardEventTable, MoreCustomersThanATile) {
  std::vector<std::int64_t> events(20001, 0);
  events[8191] = 1;
  events[8192] = 2;
  events[16384] = 9000;
  events.back() = 1;
  expect_all({{0, events}}, 1);
}

TEST(ShardEventTable, ManySmallCustomers) {
  std::vector<std::int64_t> events;
  for (std::int64_t i = 0; i < 30000; ++i) events.push_back(i * 7919 % 13);
  expect_all({{0, events}, {40000, events}}, 6);
}

TEST(ShardEventTable, RefusesWhatItCannotServe) {
  const testing::TemporaryFolder folder;
  const Manifest manifest = testing::write_plans(folder.path(), {{0, {5}}});
  EXPECT_THROW(ShardEventTable(manifest, folder.path(), {0}, "clicks", {}), Error);
  EXPECT_THROW(ShardEventTable(manifest, folder.path(), {0}, "transactions", {"nothing"}), Error);
}

TEST(ShardEventTable, OffsetsOutOfOrderAreAnError) {
  const testing::TemporaryFolder folder;
  for (const std::vector<std::int64_t>& offsets : {std::vector<std::int64_t>{0, 9}, {1, 2}, {0, -1}, {3, 1}}) {
    TableData customers = testing::customers_of({0, {2, 3}});
    customers.columns[3].values = offsets;
    const std::vector<TableData> tables{customers, testing::transactions_of({0, {2, 3}})};
    Manifest manifest;
    manifest.tables = {schema_of(tables[0]), schema_of(tables[1])};
    manifest.shards = {write_shard(folder.file(shard_name(0)), tables)};
    EXPECT_THROW(ShardEventTable(manifest, folder.path(), {0}, "transactions", {"item"}), Error);
  }
}

}  // namespace
}  // namespace cohort
