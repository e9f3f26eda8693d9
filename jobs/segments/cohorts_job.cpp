// SPDX-License-Identifier: Apache-2.0
#include "jobs/segments/cohorts_job.hpp"

#include <numeric>

#include "algorithms/features/features_date.hpp"
#include "algorithms/segments/cohorts.hpp"
#include "jobs/features/event_source.hpp"
#include "jobs/table_csv.hpp"

namespace cohort {
namespace {

Json ratio(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? Json(static_cast<double>(part) / static_cast<double>(whole)) : Json(nullptr);
}

/// One row a cohort and period; cohorts without customers have none.
ResultTable triangle(const Cohorts::Table& counts, Cohorts::Period period, int scale) {
  ResultTable table{.name = "cohorts",
                    .title = "Retention by cohort",
                    .columns = {"cohort", "age", "period", "customers", "active", "active_share", "orders", "revenue",
                                "revenue_per_customer", "repeat_rate"},
                    .rows = {}};
  const std::int32_t last = counts.first + counts.periods - 1;
  for (std::int32_t cohort = counts.first; cohort <= last; ++cohort) {
    const std::int64_t customers = counts.customers(cohort);
    if (customers == 0) continue;
    std::int64_t repeated = 0;
    for (std::int32_t now = cohort; now <= last; ++now) {
      const std::size_t cell = counts.at(cohort, now);
      repeated += counts.second[cell];
      const double revenue = money_value(counts.money[cell], scale);
      table.rows.push_back({Cohorts::name(period, cohort), now - cohort, Cohorts::name(period, now), customers,
                            counts.active[cell], ratio(counts.active[cell], customers), counts.orders[cell], revenue,
                            revenue / static_cast<double>(customers), ratio(repeated, customers)});
    }
  }
  table.chart = {{"type", "heatmap"}, {"x", "age"}, {"y", {"cohort"}}, {"value", "active_share"}};
  return table;
}

/// One row a cohort, over all its periods.
ResultTable summary_of(const Cohorts::Table& counts, Cohorts::Period period, int scale) {
  ResultTable table{.name = "acquisition",
                    .title = "Customers won, and what they have brought since",
                    .columns = {"cohort", "customers", "orders", "revenue", "revenue_per_customer", "repeat_rate"},
                    .rows = {}};
  for (std::int32_t cohort = counts.first; cohort < counts.first + counts.periods; ++cohort) {
    const std::int64_t customers = counts.customers(cohort);
    if (customers == 0) continue;
    const auto row = static_cast<std::ptrdiff_t>(counts.at(cohort, counts.first));
    const auto sum = [&](const std::vector<std::int64_t>& cells) {
      return std::accumulate(cells.begin() + row, cells.begin() + row + counts.periods, std::int64_t{0});
    };
    const double revenue = money_value(sum(counts.money), scale);
    table.rows.push_back({Cohorts::name(period, cohort), customers, sum(counts.orders), revenue,
                          revenue / static_cast<double>(customers), ratio(sum(counts.second), customers)});
  }
  table.chart = {{"type", "bar"}, {"x", "cohort"}, {"y", {"customers"}}};
  return table;
}

/// Collective.
Cohorts::Table count(const Context& context, const ShardEventTable& events, const CohortsJob::Params& params,
                     const EventDays& days) {
  const Cohorts::Period period = Cohorts::period_of(params.period);
  const auto empty = made_collectively(context.comm, [&] {
    return Cohorts::Table(Cohorts::number(period, days.first), Cohorts::number(period, days.last));
  });
  return aggregate_events(context, events, empty,
                          [&](Cohorts::Table& table, EventTable::Reader& reader, std::int64_t block) {
                            PurchaseReader purchases(params, events.columns());
                            Cohorts::Scan scan(period, days.last + 1, table);
                            reader.read(block, [&](const EventTile& tile) { purchases.read(tile, scan); });
                          });
}

Json metrics_of(const Cohorts::Table& counts, int scale, std::int32_t end) {
  const auto sum = [](const std::vector<std::int64_t>& cells) {
    return std::accumulate(cells.begin(), cells.end(), std::int64_t{0});
  };
  std::int64_t customers = 0;
  for (std::int32_t cohort = counts.first; cohort < counts.first + counts.periods; ++cohort)
    customers += counts.customers(cohort);
  return {{"as_of", iso_date(end)},
          {"customers", customers},
          {"orders", sum(counts.orders)},
          {"revenue", money_value(sum(counts.money), scale)},
          {"repeat_rate", ratio(sum(counts.second), customers)}};
}

}  // namespace

void CohortsJob::Params::describe(Fields& f) {
  PurchaseColumns::describe(f);
  f({.name = "period",
     .text = "Calendar period (UTC; weeks begin on Monday). A customer's cohort is that of the first event. For each "
             "cohort and age (periods since): active: customers with an event in the period; orders: distinct orders, "
             "in the period of their first event; revenue: sum of quantity x price; repeat_rate: share of the cohort "
             "with a second order by the end of the period",
     .choices = {"week", "month", "quarter", "year"}},
    period);
  f({.name = "as_of", .text = "Date YYYY-MM-DD, UTC: only events before it count. Empty: all events"}, as_of);
}

StepResult CohortsJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  const Metrics::Phase phase(context.metrics, context.comm, step.id + "/scan");
  const EventSource source = open_events(step);
  EventDays days = days_of_events(context, source, params.input, params.time);
  collectively(context.comm, [&] {
    if (params.as_of.empty()) return;
    days.last = std::min(days.last, date_from_iso(params.as_of, "as_of") - 1);
    if (days.last < days.first)
      throw Error(ExitCode::bad_data, fmt::format("no event is before as_of {}", params.as_of), "choose a later date");
  });
  const ShardEventTable events = source.events(context.comm, params.input, params.columns());
  const int scale =
      made_collectively(context.comm, [&] { return PurchaseReader(params, events.columns()).money_scale(); });
  const Cohorts::Table counts = count(context, events, params, days);

  StepResult result{.metrics = metrics_of(counts, scale, days.last + 1)};
  const Cohorts::Period period = Cohorts::period_of(params.period);
  result.tables = {triangle(counts, period, scale), summary_of(counts, period, scale)};
  write_table_csv(context, result.tables.front(), step.folder / "cohorts.csv");
  return result;
}

}  // namespace cohort
