// SPDX-License-Identifier: Apache-2.0
#include "jobs/features/features_job.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "algorithms/features/features_date.hpp"
#include "algorithms/features/features_scan.hpp"
#include "algorithms/features/window_scan.hpp"
#include "algorithms/statistics/moments.hpp"
#include "algorithms/statistics/quantiles.hpp"
#include "core/collectively.hpp"
#include "io/store/dataset.hpp"
#include "io/store/dictionaries.hpp"
#include "io/store/event_table.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/features/event_source.hpp"
#include "jobs/shard_gather.hpp"

namespace cohort {
namespace {

struct EventCounts {
  std::array<std::int64_t, 3> counts{};
  void parts(Parts& p) { p.sum(counts); }
};

/// Collective. A line a feature: where its values lie.
ResultTable summarise(const CustomerRows& rows, const Context& context) {
  ResultTable table{.name = "features",
                    .title = "Features of the customers",
                    .columns = {"feature", "customers", "missing", "mean", "sd", "min", "25%", "50%", "75%", "max"},
                    .rows = {}};
  const ShardNumericTable numbers = rows.numbers(context.comm, {});
  const std::vector<ColumnMoments> moments = moments_of(numbers, context);
  const std::vector<std::vector<double>> quartiles = quantiles_of(numbers, {0.25, 0.5, 0.75}, context);
  for (std::size_t c = 0; c < moments.size(); ++c) {
    const ColumnMoments& m = moments[c];
    table.rows.push_back({numbers.columns()[c], m.count, m.missing, m.mean, m.sample_sd(), m.min, quartiles[c][0],
                          quartiles[c][1], quartiles[c][2], m.max});
  }
  return table;
}

std::vector<ColumnData> columns_of(ColumnData ids, std::vector<FeatureColumn> features) {
  std::vector<ColumnData> columns{std::move(ids)};
  for (FeatureColumn& feature : features) {
    columns.push_back(
        {feature.column, std::visit([](auto& values) { return ColumnValues(std::move(values)); }, feature.values)});
  }
  return columns;
}

/// The features on one date, as a table of their own.
struct DatedTable {
  std::int32_t as_of;
  std::filesystem::path folder;  ///< holds table/ and features.csv
  std::unique_ptr<CustomerTableWriter> writer;
};

/// One scan of the events for all dates.
class FeaturePass {
 public:
  FeaturePass(const FeaturesJob::Params& params, const EventSource& source, const ShardEventTable& events,
              std::vector<std::int32_t> dates)
      : params_(params), source_(source), events_(events), dates_(std::move(dates)) {
    for (const auto& [name, window] : params.windows)
      for (const auto& [column, unused] : window.where) remember_labels(column);
  }

  /// The columns of a table.
  [[nodiscard]] std::vector<Column> schema() const {
    Shard nothing(*this);
    std::vector<Column> columns{source_.id_column()};
    for (const FeatureColumn& feature : nothing.take(0)) {
      if (std::ranges::find(columns, feature.column.name, &Column::name) != columns.end())
        throw Error(ExitCode::bad_config,
                    fmt::format("window {}: there is a feature of this name", feature.column.name),
                    "give the window another name");
      columns.push_back(feature.column);
    }
    return columns;
  }

  /// Adds one shard's rows to the tables.
  void scan(EventCounts& state, std::int32_t shard, const ReadTiles& read,
            const std::vector<DatedTable>& tables) const {
    Shard scans(*this);
    read([&](const EventTile& tile) { scans.add(tile); });
    for (std::size_t date = 0; date < dates_.size(); ++date)
      tables[date].writer->write(shard, columns_of(source_.ids(shard), scans.take(date)));
    const Features::Events& seen = scans.features.front().events();
    state.counts[0] += seen.used;
    state.counts[1] += seen.without_time;
    state.counts[2] += seen.not_before_as_of;
  }

 private:
  struct Shard {
    explicit Shard(const FeaturePass& pass) {
      for (const std::int32_t date : pass.dates_) features.emplace_back(pass.params_, pass.events_.columns(), date);
      if (!pass.params_.windows.empty())
        windows.emplace(
            pass.params_, pass.params_.windows, pass.events_.columns(),
            [&pass](const std::string& column) { return pass.labels_.at(column); }, pass.dates_);
    }
    void add(const EventTile& tile) {
      for (FeatureScan& scan : features) scan.add(tile);
      if (windows) windows->add(tile);
    }
    std::vector<FeatureColumn> take(std::size_t date) {
      std::vector<FeatureColumn> columns = features[date].take();
      if (windows) std::ranges::move(windows->take(date), std::back_inserter(columns));
      return columns;
    }
    std::vector<FeatureScan> features;  ///< by date
    std::optional<WindowScan> windows;
  };

  void remember_labels(const std::string& column) {
    const auto found = std::ranges::find(events_.columns(), column, &Column::name);
    if (found != events_.columns().end() && found->type == ColumnType::category && !labels_.contains(column))
      labels_[column] = read_dictionary(*source_.manifest, source_.folder, column).labels;
  }

  const FeaturesJob::Params& params_;
  const EventSource& source_;
  const ShardEventTable& events_;
  std::vector<std::int32_t> dates_;
  std::map<std::string, std::vector<std::string>> labels_;
};

/// Collective. The tables to come, the main date's first.
std::vector<DatedTable> make_tables(const StepContext& step, const std::vector<std::int32_t>& dates,
                                    const std::vector<Column>& columns) {
  std::vector<DatedTable> tables;
  for (const std::int32_t date : dates) {
    const auto folder = tables.empty() ? step.folder : step.folder / iso_date(date);
    tables.push_back({date, folder, std::make_unique<CustomerTableWriter>(step.context, folder / "table", columns)});
  }
  return tables;
}

/// Collective.
CustomerRows finish_table(const Context& context, const EventSource& source, DatedTable& table, bool csv) {
  CustomerRows rows{.folder = table.folder / "table"};
  rows.manifest =
      std::make_unique<const Manifest>(table.writer->finish(*source.manifest, {}, {{"as_of", iso_date(table.as_of)}}));
  rows.shards = shards_of_rank(*rows.manifest, context.comm.rank(), context.comm.size());
  if (csv) write_customers_csv(context, rows, table.folder / "features.csv");
  return rows;
}

}  // namespace

void FeaturesJob::Params::describe(Fields& f) {
  Features::Params::describe(f);
  f({.name = "windows",
     .text = "Further features by name, each a figure of some events before as_of: spend_90d: {stat: sum, of: amount, "
             "last: 90d, where: {channel: web}}. They follow the others, in the order of their names"},
    windows);
  f({.name = "also_as_of",
     .text = "Further dates, YYYY-MM-DD, in the same scan. The features on each are a table of their own, one row a "
             "customer, for `input: features/2011-06-01` of a later step; the table of the step itself is of as_of"},
    also_as_of);
  f({.name = "csv", .text = "Write features.csv beside each table"}, csv);
  f({.name = "summary", .text = "Compute mean, spread and quartiles of each feature"}, summary);
}

void FeaturesJob::Params::check(const ConfigNode&) const {
  if (!as_of.empty()) (void)date_from_iso(as_of, "as_of");
  for (const auto& [window_name, window] : windows) window.check(window_name);
  std::set<std::string> seen{as_of};
  for (const std::string& date : also_as_of) {
    (void)date_from_iso(date, "also_as_of");
    if (!seen.insert(date).second)
      throw Error(ExitCode::bad_config, fmt::format("also_as_of: {} is there twice", date), "name it once");
  }
}

StepResult FeaturesJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  const EventSource source = open_events(step);
  std::vector<std::int32_t> dates{date_or_end(context, source, params.input, params.time, params.as_of, "as_of")};
  for (const std::string& date : params.also_as_of) dates.push_back(date_from_iso(date, "also_as_of"));

  std::vector<DatedTable> tables;
  EventCounts seen;
  {
    const Metrics::Phase phase(context.metrics, context.comm, "features/scan");
    const ShardEventTable events = source.events(context.comm, params.input, window_columns(params, params.windows));
    const FeaturePass pass =
        made_collectively(context.comm, [&] { return FeaturePass(params, source, events, dates); });
    const std::vector<Column> schema = made_collectively(context.comm, [&] { return pass.schema(); });
    tables = make_tables(step, dates, schema);
    seen = aggregate_shards(
        context, source, events, EventCounts{},
        [&](EventCounts& state, std::int32_t shard, const ReadTiles& read) { pass.scan(state, shard, read, tables); });
  }
  const Metrics::Phase phase(context.metrics, context.comm, "features/output");
  const CustomerRows rows = finish_table(context, source, tables.front(), params.csv);
  for (std::size_t date = 1; date < tables.size(); ++date)
    (void)finish_table(context, source, tables[date], params.csv);

  StepResult result;
  result.metrics = {{"as_of", iso_date(dates.front())},
                    {"customers", total_rows(*rows.manifest, 0)},
                    {"events_used", seen.counts[0]},
                    {"events_without_time", seen.counts[1]},
                    {"events_not_before_as_of", seen.counts[2]}};
  if (params.summary) result.tables.push_back(summarise(rows, context));
  return result;
}

StepPlan FeaturesJob::plan(const Params& params, Forecast& forecast) {
  const PlannedTable* events = forecast.events(params.input);
  if (events == nullptr) return {};
  PlannedTable table{.rows = forecast.dataset->customers.rows,
                     .columns = {forecast.dataset->customers.columns.front()},
                     .shards = events->shards};
  for (const FeatureColumn& feature : FeatureScan(params, events->columns, 0).take())
    table.columns.push_back(feature.column);
  for (const auto& [window_name, window] : params.windows) table.columns.push_back({.name = window_name});
  const auto dates = static_cast<double>(1 + params.also_as_of.size());
  const QuantileCost quartiles = params.summary ? quantile_cost(forecast, table.rows, table.numbers(), 3,
                                                                static_cast<double>(params.windows.size()))
                                                : QuantileCost{};
  const double result_bytes = table.rows_per_shard() * static_cast<double>(table.columns.size()) * 16 * dates;
  for (const std::string& date : params.also_as_of) forecast.tables[forecast.id + "/" + date] = table;
  forecast.tables[forecast.id] = table;
  return {.rows = table.rows,
          .memory_bytes = Forecast::program_bytes + forecast.threads * (Forecast::thread_bytes + result_bytes) +
                          quartiles.memory_bytes,
          .payload_bytes = quartiles.payload_bytes,
          .disk_bytes = Forecast::step_bytes + table.rows * dates * (params.csv ? 68 : 23),
          .time_s = 0.03 + (events->rows * 20e-9 + table.rows * dates * 0.6e-6 + quartiles.cpu_s) / forecast.workers(),
          .rows_metric = "customers",
          .smaller = "set more `shards`, which are scanned one a thread, or `summary: false`"};
}

}  // namespace cohort
