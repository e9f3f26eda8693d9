// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/basket_groups.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "io/store/dictionaries.hpp"
#include "jobs/customer_column.hpp"

namespace cohort {
namespace {

bool is_period(const std::string& by) {
  return by == "month" || by == "quarter" || by == "year";
}

/// Months since year 0 of a date; quarters and years begin with their first month.
std::int64_t period_key(std::int32_t day, int months) {
  const CivilDate date = civil_from_days(day);
  const std::int64_t month = std::int64_t{date.year} * 12 + date.month - 1;
  return floor_div(month, months) * months;
}

std::string period_label(std::int64_t key, int months) {
  const std::int64_t year = floor_div(key, 12), month = key - year * 12;
  if (months == 12) return fmt::format("{:04}", year);
  if (months == 3) return fmt::format("{:04}-Q{}", year, month / 3 + 1);
  return fmt::format("{:04}-{:02}", year, month + 1);
}

void check_groups(const Column& column, const std::string& where) {
  if (column.type == ColumnType::category || column.type == ColumnType::boolean || column.type == ColumnType::int32 ||
      column.type == ColumnType::int64)
    return;
  throw Error(
      ExitCode::bad_config,
      fmt::format("column {} of {} holds {}: such values make no groups", column.name, where, type_name(column)),
      "name a column with categories or whole numbers, or month, quarter or year");
}

std::function<std::string(std::int64_t)> labels_of_column(const Column& column, const CustomerRows& rows) {
  if (column.type != ColumnType::category) return [](std::int64_t key) { return std::to_string(key); };
  return [labels = read_dictionary(*rows.manifest, rows.folder.string(), column.name).labels](std::int64_t key) {
    return labels[static_cast<std::size_t>(key)];
  };
}

BasketGroups by_period(int months, const Baskets& baskets) {
  const Column& time = baskets.store->time_column();
  const std::int64_t units = time.type == ColumnType::date ? 1 : units_per_day(time.unit);
  const auto pass = [months, units, store = baskets.store, rows = baskets.rows](const GroupSink& sink) {
    const auto key = [&](std::int64_t t) { return period_key(static_cast<std::int32_t>(floor_div(t, units)), months); };
    store->read([&](int worker, const BasketOrigin& origin,
                    std::span<const std::int64_t> items) { sink(worker, key(origin.time), items); },
                *rows);
  };
  return {pass, [months](std::int64_t key) { return period_label(key, months); }};
}

BasketGroups by_event(const Baskets& baskets) {
  check_groups(baskets.store->group_column(), "the events");
  const auto pass = [store = baskets.store, rows = baskets.rows](const GroupSink& sink) {
    store->read([&](int worker, const BasketOrigin& origin,
                    std::span<const std::int64_t> items) { sink(worker, origin.group, items); },
                *rows);
  };
  return {pass, labels_of_column(baskets.store->group_column(), baskets.store->rows())};
}

BasketGroups by_customer(const GroupParams& params, const Baskets& baskets, const StepContext& step) {
  const CustomerRows table = open_customer_rows(step, params.by_in);
  BasketGroups groups;
  collectively(step.context.comm, [&] {
    const Column& column = table.schema().columns[column_index(table.schema(), params.by)];
    check_groups(column, params.by_in);
    const auto of = std::make_shared<const CustomerValues>(
        customer_values(table, baskets.store->rows(), params.by, "by_in: " + params.by_in));
    groups.label = labels_of_column(column, table);
    groups.pass = [of, store = baskets.store, rows = baskets.rows](const GroupSink& sink) {
      store->read(
          [&](int worker, const BasketOrigin& origin, std::span<const std::int64_t> items) {
            sink(worker, of->at(origin.shard)[static_cast<std::size_t>(origin.customer)], items);
          },
          *rows);
    };
  });
  return groups;
}

}  // namespace

void GroupParams::describe(Fields& f) {
  f({.name = "by",
     .text = "Compare each rule between groups of baskets: month, quarter, year, or a column with categories or whole "
             "numbers (a store, a segment); empty: do not. Needs format store"},
    by);
  f({.name = "by_in",
     .text = "Where the column by is: events (the event table), dataset (the customers), or the id of an earlier step "
             "with a row a customer, like rfm or kmeans"},
    by_in);
}

std::string GroupParams::event_column(const std::string& time) const {
  if (is_period(by)) return time;
  return by_in == "events" ? by : "";
}

BasketGroups group_baskets(const GroupParams& params, const Baskets& baskets, const StepContext& step) {
  if (is_period(params.by)) return by_period(params.by == "month" ? 1 : params.by == "quarter" ? 3 : 12, baskets);
  if (params.by_in != "events") return by_customer(params, baskets, step);
  return made_collectively(step.context.comm, [&] { return by_event(baskets); });
}

}  // namespace cohort
