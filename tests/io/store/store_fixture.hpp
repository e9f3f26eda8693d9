// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "io/store/dataset.hpp"
#include "io/store/dictionaries.hpp"
#include "io/store/event_table.hpp"
#include "io/store/shard_writer.hpp"

namespace cohort::testing {

/// Customers of one shard, by the number of events that each has. Values follow from customer and event number.
struct ShardPlan {
  std::int64_t first_id = 0;
  std::vector<std::int64_t> events;
};

inline std::int64_t amount_of(std::int64_t event) {
  return event % 7 == 3 ? missing_int64 : 100 * event - 5000;
}
inline double weight_of(std::int64_t event) {
  return event % 11 == 0 ? missing_float64 : 0.25 * static_cast<double>(event);
}

inline void add_column(TableData& table, Column column, ColumnValues values) {
  table.columns.push_back({std::move(column), std::move(values)});
}

inline TableData customers_of(const ShardPlan& plan) {
  std::vector<std::int64_t> ids, offsets;
  std::vector<std::int32_t> ages;
  TextValues names;
  std::int64_t event = 0;
  for (const std::int64_t events : plan.events) {
    const std::int64_t id = plan.first_id + std::ssize(ids);
    ids.push_back(id);
    offsets.push_back(event);
    ages.push_back(id % 5 == 0 ? missing_int32 : static_cast<std::int32_t>(20 + id % 60));
    names.push_back(id % 3 == 0 ? "" : "n" + std::to_string(id));
    event += events;
  }
  TableData table{"customers", {}};
  add_column(table, {.name = "customer"}, ids);
  add_column(table, {.name = "age", .type = ColumnType::int32}, ages);
  add_column(table, {.name = "name", .type = ColumnType::text}, names);
  add_column(table, {.name = offset_column("transactions")}, offsets);
  return table;
}

inline TableData transactions_of(const ShardPlan& plan) {
  std::vector<std::int64_t> times, amounts;
  std::vector<std::int32_t> items;
  std::vector<double> weights;
  for (const std::int64_t events : plan.events) {
    for (std::int64_t i = 0; i < events; ++i) {
      const std::int64_t event = std::ssize(times);
      times.push_back(1'600'000'000 + event);
      amounts.push_back(amount_of(event));
      items.push_back(static_cast<std::int32_t>(event % 100));
      weights.push_back(weight_of(event));
    }
  }
  TableData table{"transactions", {}};
  add_column(table, {.name = "time", .type = ColumnType::timestamp, .unit = TimeUnit::second}, times);
  add_column(table, {.name = "amount", .type = ColumnType::decimal, .scale = 2}, amounts);
  add_column(table, {.name = "item", .type = ColumnType::category}, items);
  add_column(table, {.name = "weight", .type = ColumnType::float64}, weights);
  return table;
}

/// Writes the shards of a dataset into `folder` and describes them; without publishing.
inline Manifest write_plans(const std::string& folder, const std::vector<ShardPlan>& plans) {
  Manifest manifest;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const std::vector<TableData> tables{customers_of(plans[i]), transactions_of(plans[i])};
    if (i == 0) manifest.tables = {schema_of(tables[0]), schema_of(tables[1])};
    manifest.shards.push_back(write_shard(folder + "/" + shard_name(static_cast<std::int32_t>(i)), tables));
  }
  return manifest;
}

}  // namespace cohort::testing
