// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/shard_rules.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace cohort {
namespace {

struct Sale {
  std::uint32_t customer;
  std::int64_t time;
  std::int32_t item, quantity;
  bool operator==(const Sale&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Sale& sale) {
  return out << sale.customer << '/' << sale.time << '/' << sale.item << '/' << sale.quantity;
}

const std::vector<Column> columns{{.name = "customer", .type = ColumnType::int64},
                                  {.name = "time", .type = ColumnType::timestamp, .unit = TimeUnit::second},
                                  {.name = "item", .type = ColumnType::category},
                                  {.name = "price", .type = ColumnType::decimal, .scale = 2},
                                  {.name = "quantity", .type = ColumnType::int32}};

/// What one rule makes of sales, sorted by customer and time; and its line of the sheet.
std::tuple<std::vector<Sale>, BalanceSheet::Rule> applied(const ShardStep& step, const std::vector<Sale>& sales) {
  const RowFormat format(columns, false);
  std::vector<std::vector<std::byte>> packed;
  std::vector<PlacedRow> rows;
  for (const Sale& sale : sales) {
    std::vector<std::byte>& row = packed.emplace_back((format.fixed_bytes() + 7) / 8 * 8);
    RowFormat::store(row.data(), 0,
                     RowHeader{.bytes = static_cast<std::uint32_t>(row.size()), .table = 0, .customer = sale.customer});
    RowFormat::store(row.data(), format.offset(1), sale.time);
    RowFormat::store(row.data(), format.offset(2), sale.item);
    RowFormat::store(row.data(), format.offset(3), std::int64_t{100});
    RowFormat::store(row.data(), format.offset(4), sale.quantity);
    rows.push_back({sale.customer, sale.time, row.data()});
  }
  std::deque<std::vector<std::byte>> changed;
  BalanceSheet sheet;
  sheet.rules.resize(1);
  apply_shard_steps({step}, columns, format, rows, changed, sheet);
  std::vector<Sale> left;
  for (const PlacedRow& row : rows) {
    left.push_back({row.customer, row.time, RowFormat::load<std::int32_t>(row.row, format.offset(2)),
                    RowFormat::load<std::int32_t>(row.row, format.offset(4))});
  }
  return {left, sheet.rules[0]};
}

void expect_counts(const BalanceSheet::Rule& rule, std::int64_t matched, std::int64_t removed, std::int64_t changed) {
  EXPECT_EQ(std::tuple(rule.matched, rule.removed, rule.changed), std::tuple(matched, removed, changed));
}

TEST(ShardRules, NothingOfNoRows) {
  for (const CleaningRule& rule : {CleaningRule(NetReturns{}), CleaningRule(DropRepeated{})}) {
    const auto [left, counts] = applied({.rule = rule}, {});
    EXPECT_TRUE(left.empty());
    expect_counts(counts, 0, 0, 0);
  }
}

TEST(ShardRules, ReturnsTakeFromTheLatestPurchaseOfTheirCustomerAndItem) {
  const auto [left, counts] = applied(
      {.rule = NetReturns{}}, {{0, 1, 7, 5}, {0, 2, 7, 2}, {0, 2, 8, 9}, {0, 3, 7, -3}, {1, 1, 7, 1}, {1, 2, 8, -1}});
  EXPECT_EQ(left, (std::vector<Sale>{{0, 1, 7, 4}, {0, 2, 8, 9}, {1, 1, 7, 1}, {1, 2, 8, -1}}));
  expect_counts(counts, 2, 2, 1);  // the purchase of two and the return are gone
}

TEST(ShardRules, ReturnsFindNoPurchaseOfTheirOwnTimeOrLater) {
  const std::vector<Sale> sales{{0, 1, 7, -1}, {0, 1, 7, 1}, {0, 2, 7, 1}};
  EXPECT_EQ(std::get<0>(applied({.rule = NetReturns{}}, sales)), sales);
  NetReturns dropping;
  dropping.unmatched = "drop";
  const auto [left, counts] = applied({.rule = dropping}, sales);
  EXPECT_EQ(left, (std::vector<Sale>{{0, 1, 7, 1}, {0, 2, 7, 1}}));
  expect_counts(counts, 1, 1, 0);
}

TEST(ShardRules, MissingQuantitiesAreNoReturns) {
  const std::vector<Sale> sales{{0, 1, 7, 1}, {0, 2, 7, missing_int32}};
  const auto [left, counts] = applied({.rule = NetReturns{}}, sales);
  EXPECT_EQ(left, sales);
  expect_counts(counts, 0, 0, 0);
}

TEST(ShardRules, OneRowOfEachKeyAndCustomer) {
  DropRepeated rule;
  rule.columns = {"item"};
  const std::vector<Sale> sales{{0, 1, 7, 1}, {0, 2, 7, 9}, {0, 3, 8, 1}, {0, 4, 7, 3}, {1, 1, 7, 1}};
  EXPECT_EQ(std::get<0>(applied({.rule = rule}, sales)), (std::vector<Sale>{sales[0], sales[2], sales[4]}));
  rule.keep = "last";
  EXPECT_EQ(std::get<0>(applied({.rule = rule}, sales)), (std::vector<Sale>{sales[2], sales[3], sales[4]}));
  rule.by = "quantity";
  const auto [left, counts] = applied({.rule = rule}, sales);
  EXPECT_EQ(left, (std::vector<Sale>{sales[1], sales[2], sales[4]}));
  expect_counts(counts, 2, 2, 0);
}

TEST(ShardRules, OutliersAreDroppedOrMovedToTheEdge) {
  Outliers rule;
  rule.column = "quantity";
  rule.method = "z_score";
  const std::vector<Sale> sales{{0, 1, 7, -50}, {0, 2, 7, 2}, {0, 3, 7, missing_int32}, {0, 4, 7, 90}};
  ShardStep step{.rule = rule, .low = -2.5, .high = 3.5, .has_values = true};
  EXPECT_EQ(std::get<0>(applied(step, sales)), (std::vector<Sale>{sales[1], sales[2]}));
  rule.action = "winsorise";
  step.rule = rule;
  const auto [left, counts] = applied(step, sales);
  EXPECT_EQ(left, (std::vector<Sale>{{0, 1, 7, -2}, sales[1], sales[2], {0, 4, 7, 3}}));
  expect_counts(counts, 2, 0, 2);
}

TEST(ShardRules, ImputeLearnsByGroup) {
  Impute rule;
  rule.column = "quantity";
  rule.by = "item";
  ShardStep step{.rule = rule};
  step.learn(
      {{.group = 7, .value = 4, .rows = 2}, {.group = 7, .value = 9, .rows = 1}, {.group = 8, .value = 1, .rows = 9}},
      columns);
  const auto [left, counts] =
      applied(step, {{0, 1, 7, missing_int32}, {0, 2, 8, missing_int32}, {0, 3, 9, missing_int32}, {0, 4, 7, 2}});
  EXPECT_EQ(left, (std::vector<Sale>{{0, 1, 7, 4}, {0, 2, 8, 1}, {0, 3, 9, 1}, {0, 4, 7, 2}}));
  expect_counts(counts, 3, 0, 3);
}

TEST(ShardRules, NothingIsLearntOfNoValues) {
  Impute rule;
  rule.column = "quantity";
  ShardStep step{.rule = rule};
  step.learn({}, columns);
  EXPECT_FALSE(step.has_values);
  const std::vector<Sale> sales{{0, 1, 7, missing_int32}};
  EXPECT_EQ(std::get<0>(applied(step, sales)), sales);
}

}  // namespace
}  // namespace cohort
