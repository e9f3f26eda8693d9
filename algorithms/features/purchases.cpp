// SPDX-License-Identifier: Apache-2.0
#include "algorithms/features/purchases.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace cohort {
namespace {

/// Calls use(event, value) for each event; missing as missing_int64.
template <class Use>
void each_value(const ColumnView& view, const Use& use) {
  for (std::size_t i = 0; i < view.int64s.size(); ++i) use(i, view.int64s[i]);
  for (std::size_t i = 0; i < view.int32s.size(); ++i)
    use(i, view.int32s[i] == missing_int32 ? missing_int64 : view.int32s[i]);
}

bool fits(std::string_view key, ColumnType type) {
  if (key == "time") return type == ColumnType::date || type == ColumnType::timestamp;
  if (key == "basket") return type != ColumnType::float64 && type != ColumnType::text;
  return type == ColumnType::int32 || type == ColumnType::int64 || type == ColumnType::decimal;
}

[[noreturn]] void fail_money() {
  throw Error(ExitCode::bad_data, "the money of the events leaves 64 bits", "declare smaller scales");
}

}  // namespace

void PurchaseColumns::describe(Fields& fields) {
  fields({.name = "input", .text = "Event table to scan."}, input);
  fields({.name = "time", .text = "Date or timestamp of an event. An event without it does not count."}, time);
  fields({.name = "basket",
          .text = "Order an event belongs to; missing ones are no orders. Empty: each distinct time is an order."},
         basket);
  fields({.name = "quantity",
          .text = "Units bought, negative for a return; an event where it is missing adds no money. Empty: one each."},
         quantity);
  fields({.name = "price",
          .text = "Price of a unit; money is quantity x price, exactly. An event where it is missing adds no money. "
                  "Empty: no money."},
         price);
}

std::vector<std::string> PurchaseColumns::columns() const {
  std::vector<std::string> names;
  for (const std::string& name : {time, basket, quantity, price})
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

PurchaseReader::PurchaseReader(const PurchaseColumns& roles, std::span<const Column> columns)
    : time_(find("time", roles.time, columns, true)),
      basket_(find("basket", roles.basket, columns, false)),
      quantity_(find("quantity", roles.quantity, columns, false)),
      price_(find("price", roles.price, columns, false)) {
  if (time_.column.type == ColumnType::timestamp) units_per_day_ = units_per_day(time_.column.unit);
  if (price_.given) money_scale_ = price_.column.scale + (quantity_.given ? quantity_.column.scale : 0);
  if (money_scale_ > 18)
    throw Error(ExitCode::bad_config, fmt::format("quantity x price has {} decimals, more than 18", money_scale_),
                "declare smaller scales");
}

PurchaseReader::Role PurchaseReader::find(std::string_view key, const std::string& name,
                                          std::span<const Column> columns, bool required) {
  if (name.empty() && !required) return {};
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
  if (found == columns.end())
    throw Error(ExitCode::bad_config, fmt::format("{}: the table has no column '{}'", key, name),
                fmt::format("name the column that holds the {}", key));
  if (!fits(key, found->type))
    throw Error(ExitCode::bad_config, fmt::format("{}: column '{}' has type {}", key, name, type_name(*found)),
                "declare time a date or timestamp, quantity and price integers or decimals, basket an integer or "
                "category");
  return {true, static_cast<std::size_t>(found - columns.begin()), *found};
}

void PurchaseReader::decode_times(const ColumnView& times) {
  std::int64_t last = 0;
  std::int32_t day = 0;
  each_value(times, [&](std::size_t i, std::int64_t time) {
    timed_[i] = time != missing_int64;
    if (time != last) day = timed_[i] != 0 ? static_cast<std::int32_t>(floor_div(time, units_per_day_)) : 0;
    last = time;
    purchases_[i] = {.day = day, .order = time, .money = price_.given ? 1 : 0};
  });
}

void PurchaseReader::multiply(std::size_t event, std::int64_t factor) {
  std::int64_t& money = purchases_[event].money;
  if (factor == missing_int64) factor = 0;
  if (__builtin_mul_overflow(money, factor, &money)) fail_money();
}

void PurchaseReader::decode(const EventTile& tile) {
  const ColumnView& times = tile.columns[time_.index];
  const std::size_t events = std::max(times.int32s.size(), times.int64s.size());
  purchases_.resize(events);
  timed_.resize(events);
  decode_times(times);
  if (basket_.given)
    each_value(tile.columns[basket_.index], [&](std::size_t i, std::int64_t key) { purchases_[i].order = key; });
  if (!price_.given) return;
  each_value(tile.columns[price_.index], [&](std::size_t i, std::int64_t price) { multiply(i, price); });
  if (quantity_.given)
    each_value(tile.columns[quantity_.index], [&](std::size_t i, std::int64_t quantity) { multiply(i, quantity); });
}

void add_money(std::int64_t& sum, std::int64_t money) {
  if (__builtin_add_overflow(sum, money, &sum)) fail_money();
}

double money_value(std::int64_t money, int scale) {
  return static_cast<double>(money) / static_cast<double>(power_of_ten(scale));
}

}  // namespace cohort
