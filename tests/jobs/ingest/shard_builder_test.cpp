// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/shard_builder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "core/error.hpp"
#include "core/random.hpp"
#include "core/shard_hash.hpp"

namespace cohort {
namespace {

/// A row as a user thinks of it.
struct Row {
  std::string customer;
  std::int64_t seconds;
  std::int32_t quantity;
  std::string note;
};

TableLayout layout_of(bool text_ids, bool drop_duplicates) {
  std::vector<Column> columns{{.name = "customer", .type = text_ids ? ColumnType::text : ColumnType::int64},
                              {.name = "time", .type = ColumnType::timestamp, .unit = TimeUnit::second},
                              {.name = "note", .type = ColumnType::text},
                              {.name = "quantity", .type = ColumnType::int32}};
  return {.name = "orders",
          .events = true,
          .columns = columns,
          .format = RowFormat(columns, drop_duplicates),
          .drop_duplicates = drop_duplicates};
}

void pack(const TableLayout& layout, const Row& row, std::vector<std::byte>& out) {
  const bool text_ids = layout.columns[0].type == ColumnType::text;
  std::vector<std::string> texts;
  if (text_ids) texts.push_back(row.customer);
  texts.push_back(row.note);
  std::size_t bytes = layout.format.fixed_bytes();
  for (const std::string& text : texts) bytes += 4 + text.size();
  bytes = (bytes + 7) / 8 * 8;
  const std::size_t at = out.size();
  out.resize(at + bytes);
  std::byte* to = out.data() + at;
  const std::uint64_t key = text_ids ? XXH3_64bits(row.customer.data(), row.customer.size())
                                     : static_cast<std::uint64_t>(std::stoll(row.customer));
  RowFormat::store(to, 0, RowHeader{.bytes = static_cast<std::uint32_t>(bytes), .table = 0, .customer = key});
  if (layout.drop_duplicates) {
    RowFormat::store(to, sizeof(RowHeader), RowDigest{XXH3_64bits(row.note.data(), row.note.size())});
  }
  RowFormat::store(to, layout.format.offset(1), row.seconds * 1'000'000);
  RowFormat::store(to, layout.format.offset(3), row.quantity);
  std::size_t text_at = layout.format.fixed_bytes();
  for (const std::string& text : texts) {
    RowFormat::store(to, text_at, static_cast<std::uint32_t>(text.size()));
    std::copy(text.begin(), text.end(), reinterpret_cast<char*>(to) + text_at + 4);
    text_at += 4 + text.size();
  }
}

std::vector<Row> random_rows(std::int64_t count, std::int64_t customers) {
  std::vector<Row> rows;
  for (std::int64_t i = 0; i < count; ++i) {
    RandomStream random(5, "row", static_cast<std::uint64_t>(i));
    rows.push_back({std::to_string(random.below(customers) - customers / 2), random.below(20),
                    static_cast<std::int32_t>(random.below(9)),
                    std::string(static_cast<std::size_t>(random.below(5)), 'n')});
  }
  return rows;
}

void expect_sorted(const std::vector<Row>& rows, bool text_ids) {
  const std::vector<TableLayout> layouts{layout_of(text_ids, false)};
  std::vector<std::byte> first, second;
  for (std::size_t i = rows.size(); i-- > 0;) pack(layouts[0], rows[i], i % 3 == 0 ? first : second);
  const std::vector<std::span<const std::byte>> pieces{first, second};
  ShardFindings found;
  const std::vector<TableData> tables = build_shard(layouts, pieces, found);

  // The oracle: an ordered map of ordered rows.
  const auto less = [&](const std::string& a, const std::string& b) {
    return text_ids ? a < b : std::stoll(a) < std::stoll(b);
  };
  std::map<std::string, std::vector<Row>, decltype(less)> by_customer(less);
  for (const Row& row : rows) by_customer[row.customer].push_back(row);
  ASSERT_EQ(tables.size(), 2U);
  const auto& offsets = std::get<std::vector<std::int64_t>>(tables[0].columns[1].values);
  const auto& times = std::get<std::vector<std::int64_t>>(tables[1].columns[0].values);
  const auto& notes = std::get<TextValues>(tables[1].columns[1].values);
  const auto& quantities = std::get<std::vector<std::int32_t>>(tables[1].columns[2].values);
  ASSERT_EQ(offsets.size(), by_customer.size());
  std::size_t customer = 0, event = 0;
  for (auto& [id, events] : by_customer) {
    std::sort(events.begin(), events.end(), [](const Row& a, const Row& b) {
      return std::tie(a.seconds, a.quantity, a.note) < std::tie(b.seconds, b.quantity, b.note);
    });
    const ColumnValues& ids = tables[0].columns[0].values;
    EXPECT_EQ(text_ids ? std::string(std::get<TextValues>(ids)[customer])
                       : std::to_string(std::get<std::vector<std::int64_t>>(ids)[customer]),
              id);
    EXPECT_EQ(offsets[customer++], static_cast<std::int64_t>(event));
    for (const Row& row : events) {
      EXPECT_EQ(times[event], row.seconds);
      EXPECT_EQ(notes[event], row.note);
      EXPECT_EQ(quantities[event++], row.quantity);
    }
  }
  EXPECT_EQ(event, times.size());
}

TEST(ShardBuilder, SortsByIntegerCustomerTimeAndValues) {
  expect_sorted(random_rows(3000, 700), false);
}
TEST(ShardBuilder, SortsByTextCustomerTimeAndValues) {
  expect_sorted(random_rows(3000, 700), true);
}
TEST(ShardBuilder, TakesOneRowAndNone) {
  expect_sorted(random_rows(1, 5), true);
  expect_sorted({}, false);
}

TEST(ShardBuilder, KeepsTheFirstOfEqualRows) {
  const std::vector<TableLayout> layouts{layout_of(false, true)};
  std::vector<std::byte> bytes;
  pack(layouts[0], {"1", 5, 2, "same"}, bytes);
  pack(layouts[0], {"1", 5, 1, "same"}, bytes);  // equal by its digest, and of the lesser value
  pack(layouts[0], {"1", 5, 7, "other"}, bytes);
  pack(layouts[0], {"2", 5, 8, "same"}, bytes);
  const std::vector<std::span<const std::byte>> pieces{bytes};
  ShardFindings found;
  const std::vector<TableData> tables = build_shard(layouts, pieces, found);
  EXPECT_EQ(std::get<std::vector<std::int32_t>>(tables[1].columns[2].values), (std::vector<std::int32_t>{1, 7, 8}));
}

TEST(ShardBuilder, RefusesTwoRowsOfOneCustomer) {
  std::vector<Column> columns{{.name = "customer", .type = ColumnType::int64},
                              {.name = "age", .type = ColumnType::int32}};
  const std::vector<TableLayout> layouts{
      {.name = "customers", .events = false, .columns = columns, .format = RowFormat(columns, false)}};
  std::vector<std::byte> bytes(2 * 32);
  for (std::size_t i = 0; i < 2; ++i)
    RowFormat::store(bytes.data() + 32 * i, 0, RowHeader{.bytes = 32, .table = 0, .customer = 77});
  const std::vector<std::span<const std::byte>> pieces{bytes};
  try {
    ShardFindings found;
    std::ignore = build_shard(layouts, pieces, found);
    ADD_FAILURE() << "two rows of one customer were taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_data);
    EXPECT_NE(std::string(error.what()).find("77"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace cohort
