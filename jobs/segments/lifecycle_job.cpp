// SPDX-License-Identifier: Apache-2.0
#include "jobs/segments/lifecycle_job.hpp"

#include "algorithms/features/features_date.hpp"
#include "io/store/dataset.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/features/event_source.hpp"
#include "jobs/segments/top_customers.hpp"
#include "jobs/shard_gather.hpp"

namespace cohort {
namespace {

using Life = Lifecycle::Life;
constexpr std::size_t states = Lifecycle::states;

/// What the report says of all customers.
struct Counts {
  std::vector<std::int64_t> moved = std::vector<std::int64_t>(states * states);         ///< [from][to]
  std::vector<std::int64_t> money = std::vector<std::int64_t>(states), orders = money;  ///< [to], before as_of

  void parts(Parts& p) {
    p.sum(moved);
    p.sum(money);
    p.sum(orders);
  }
  [[nodiscard]] std::int64_t at(std::size_t state) const {
    std::int64_t sum = 0;
    for (std::size_t from = 0; from < states; ++from) sum += moved[from * states + state];
    return sum;
  }
};

std::vector<Column> columns_of(const Column& id, int scale) {
  return {id,
          {.name = "as_of", .type = ColumnType::date},
          {.name = "lifecycle_state", .type = ColumnType::category},
          {.name = "previous_state", .type = ColumnType::category},
          {.name = "recency_days", .type = ColumnType::int32},
          {.name = "tenure_days", .type = ColumnType::int32},
          {.name = "orders", .type = ColumnType::int32},
          {.name = "revenue", .type = ColumnType::decimal, .scale = scale}};
}

/// States in the order of their names, as dictionaries have them.
struct StateLabels {
  std::vector<std::string> labels{Lifecycle::names().begin(), Lifecycle::names().end()};
  StateLabels() { std::sort(labels.begin(), labels.end()); }
  [[nodiscard]] std::int32_t code(Lifecycle::State state) const {
    const std::string& name = Lifecycle::names()[static_cast<std::size_t>(state)];
    return static_cast<std::int32_t>(std::ranges::lower_bound(labels, name) - labels.begin());
  }
};

/// One shard: its rows, its counts, and who is leaving.
class ShardResult {
 public:
  ShardResult(const LifecycleJob::Params& params, const std::vector<std::int32_t>& dates,
              const std::vector<std::vector<Life>>& lives)
      : params_(params), dates_(dates), lives_(lives) {}

  [[nodiscard]] Lifecycle::State state(std::size_t date, std::size_t row) const {
    return Lifecycle::state_of(params_, lives_[date][row], dates_[date]);
  }

  void count(Counts& counts) const {
    for (std::size_t row = 0; row < lives_.back().size(); ++row) {
      const auto to = static_cast<std::size_t>(state(1, row));
      ++counts.moved[static_cast<std::size_t>(state(0, row)) * states + to];
      add_money(counts.money[to], lives_.back()[row].money);
      counts.orders[to] += lives_.back()[row].orders;
    }
  }

  [[nodiscard]] std::vector<ColumnData> columns(ColumnData ids, int scale) const {
    const std::vector<Column> schema = columns_of(ids.column, scale);
    const std::size_t rows = lives_.back().size();
    const StateLabels labels;
    std::vector<std::vector<std::int32_t>> small(6, std::vector<std::int32_t>(rows));
    std::vector<std::int64_t> money(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      const Life& life = lives_.back()[row];
      const auto before = [&](std::int32_t day) { return day == missing_int32 ? day : dates_.back() - day; };
      small[0][row] = dates_.back();
      small[1][row] = labels.code(state(1, row));
      small[2][row] = labels.code(state(0, row));
      small[3][row] = before(life.last);
      small[4][row] = before(life.first);
      small[5][row] = life.orders;
      money[row] = life.money;
    }
    std::vector<ColumnData> columns{std::move(ids)};
    for (std::size_t c = 0; c < small.size(); ++c) columns.push_back({schema[c + 1], std::move(small[c])});
    columns.push_back({schema.back(), std::move(money)});
    return columns;
  }

  void offer_leaving(TopCustomers& top, const ColumnData& ids, int scale) const {
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < lives_.back().size(); ++row)
      if (state(1, row) == Lifecycle::at_risk) rows.push_back(row);
    const auto money = [&](std::size_t row) { return money_value(lives_.back()[row].money, scale); };
    top.offer(ids, rows, money, [&](std::size_t row) {
      const Life& life = lives_.back()[row];
      return std::vector<Json>{dates_.back() - life.last, life.orders, money(row)};
    });
  }

 private:
  const Lifecycle::Params& params_;
  const std::vector<std::int32_t>& dates_;
  const std::vector<std::vector<Life>>& lives_;
};

ResultTable states_table(const Counts& counts, int scale, std::int64_t customers) {
  ResultTable table{.name = "lifecycle",
                    .title = "Where customers stand",
                    .columns = {"lifecycle_state", "customers", "share", "orders", "revenue"},
                    .rows = {}};
  for (std::size_t state = 0; state < states; ++state) {
    const std::int64_t count = counts.at(state);
    if (state == Lifecycle::none && count == 0) continue;
    table.rows.push_back({Lifecycle::names()[state], count,
                          customers > 0 ? Json(static_cast<double>(count) / static_cast<double>(customers)) : Json(),
                          counts.orders[state], money_value(counts.money[state], scale)});
  }
  table.chart = {{"type", "bar"}, {"x", "lifecycle_state"}, {"y", {"customers"}}};
  return table;
}

ResultTable transitions_table(const Counts& counts, const std::vector<std::int32_t>& dates) {
  ResultTable table{.name = "transitions",
                    .title = fmt::format("How customers moved from {} to {} (none: not yet a customer)",
                                         iso_date(dates[0]), iso_date(dates[1])),
                    .columns = {"previous_state", "lifecycle_state", "customers", "share_of_previous"},
                    .rows = {}};
  for (std::size_t from = 0; from < states; ++from) {
    std::int64_t all = 0;
    for (std::size_t to = 0; to < states; ++to) all += counts.moved[from * states + to];
    for (std::size_t to = 0; to < states; ++to) {
      const std::int64_t moved = counts.moved[from * states + to];
      if (moved > 0)
        table.rows.push_back({Lifecycle::names()[from], Lifecycle::names()[to], moved,
                              static_cast<double>(moved) / static_cast<double>(all)});
    }
  }
  table.chart = {{"type", "sankey"}, {"x", "previous_state"}, {"y", {"lifecycle_state"}}, {"value", "customers"}};
  return table;
}

/// The two dates: `from` defaults to lapsed_days before as_of.
std::vector<std::int32_t> dates_of(const StepContext& step, const EventSource& source,
                                   const LifecycleJob::Params& params) {
  const std::int32_t as_of = date_or_end(step.context, source, params.input, params.time, params.as_of, "as_of");
  const std::int32_t from =
      params.from.empty() ? as_of - static_cast<std::int32_t>(params.lapsed_days) : date_from_iso(params.from, "from");
  if (from >= as_of)
    throw Error(ExitCode::bad_config, fmt::format("from {} is not before as_of {}", iso_date(from), iso_date(as_of)),
                "let from be the earlier date");
  return {from, as_of};
}

}  // namespace

void LifecycleJob::Params::describe(Fields& f) {
  PurchaseColumns::describe(f);
  Lifecycle::Params::describe(f);
  f({.name = "as_of", .text = "Date YYYY-MM-DD, UTC: only events before it count. Empty: the day after the last event"},
    as_of);
  f({.name = "from",
     .text = "The earlier date of the transitions; its states are as they were then. Empty: lapsed_days before as_of"},
    from);
  f({.name = "top",
     .text = "How many customers at risk the report names, by what they have spent; 0: none",
     .range = {0, 1000}},
    top);
}

void LifecycleJob::Params::check(const ConfigNode&) const {
  Lifecycle::Params::check();
}

StepResult LifecycleJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  const EventSource source = open_events(step);
  const std::vector<std::int32_t> dates = dates_of(step, source, params);
  TopCustomers leaving(params.top);
  Counts counts;
  int scale = 0;
  std::optional<CustomerTableWriter> writer;
  {
    const Metrics::Phase phase(context.metrics, context.comm, step.id + "/scan");
    const ShardEventTable events = source.events(context.comm, params.input, params.columns());
    collectively(context.comm, [&] { scale = PurchaseReader(params, events.columns()).money_scale(); });
    writer.emplace(context, step.folder / "table", columns_of(source.id_column(), scale));
    counts = aggregate_shards(context, source, events, Counts{},
                              [&](Counts& state, std::int32_t shard, const ReadTiles& read) {
                                PurchaseReader purchases(params, events.columns());
                                Lifecycle::Scan scan(params, dates);
                                read([&](const EventTile& tile) { purchases.read(tile, scan); });
                                const ShardResult result(params, dates, scan.lives());
                                result.count(state);
                                ColumnData ids = source.ids(shard);
                                result.offer_leaving(leaving, ids, scale);
                                writer->write(shard, result.columns(std::move(ids), scale));
                              });
  }
  const Metrics::Phase phase(context.metrics, context.comm, step.id + "/output");
  CustomerRows rows{.folder = step.folder / "table"};
  rows.manifest =
      std::make_unique<const Manifest>(writer->finish(*source.manifest,
                                                      {{.name = "lifecycle_state", .labels = StateLabels().labels},
                                                       {.name = "previous_state", .labels = StateLabels().labels}},
                                                      {{"as_of", iso_date(dates[1])}}));
  rows.shards = shards_of_rank(*rows.manifest, context.comm.rank(), context.comm.size());
  write_customers_csv(context, rows, step.folder / "lifecycle.csv");

  const std::int64_t customers = total_rows(*rows.manifest, 0);
  StepResult result{.metrics = {{"as_of", iso_date(dates[1])}, {"from", iso_date(dates[0])}, {"customers", customers}}};
  result.tables = {states_table(counts, scale, customers), transitions_table(counts, dates)};
  if (params.top > 0)
    result.tables.push_back({.name = "leaving",
                             .title = "At risk: those who spent most",
                             .columns = {"customer_id", "recency_days", "orders", "revenue"},
                             .rows = leaving.gather(context.comm)});
  return result;
}

}  // namespace cohort
