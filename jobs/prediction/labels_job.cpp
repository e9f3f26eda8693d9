// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/labels_job.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "algorithms/features/features_date.hpp"
#include "algorithms/features/features_scan.hpp"
#include "core/aggregate.hpp"
#include "core/collectively.hpp"
#include "io/store/dataset.hpp"
#include "io/store/dictionaries.hpp"
#include "io/store/event_table.hpp"
#include "io/store/shard_reader.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/shard_gather.hpp"

namespace cohort {
namespace {

/// Days [as_of, until), since 1970-01-01.
struct Window {
  std::int32_t as_of = 0, until = 0;
};

/// What the labels' pass counts.
struct LabelCounts {
  std::array<std::int64_t, 3> customers{};  ///< with an event in the window, without, not known on the date
  std::int64_t latest = missing_int64;      ///< event of all
  void parts(Parts& parts) {
    parts.sum(customers);
    parts.max(std::span(&latest, 1));
  }
};

/// The part of a feature scan that labels need.
Features::Params roles(const LabelsJob::Params& params, bool money) {
  return {.input = params.events,
          .as_of = "",
          .time = params.time,
          .basket = "",
          .item = "",
          .quantity = money ? params.quantity : "",
          .price = money ? params.price : ""};
}

const FeatureColumn& named(const std::vector<FeatureColumn>& columns, std::string_view name) {
  return *std::ranges::find(columns, name, [](const FeatureColumn& c) -> std::string_view { return c.column.name; });
}

template <class T>
const std::vector<T>& values_of(const std::vector<FeatureColumn>& columns, std::string_view name) {
  return std::get<std::vector<T>>(named(columns, name).values);
}

/// The label of every customer of a shard, from the features of the days in the window.
ColumnData label_column(const LabelsJob::Params& params, const std::vector<FeatureColumn>& after) {
  if (params.label == "amount") {
    const FeatureColumn& money = named(after, "monetary");
    return {{.name = params.label, .type = ColumnType::decimal, .scale = money.column.scale},
            std::get<std::vector<std::int64_t>>(money.values)};
  }
  const auto days = static_cast<std::int32_t>(params.within_days);
  std::vector<std::int32_t> label = values_of<std::int32_t>(after, "tenure_days");  // from the first event to the end
  for (std::int32_t& value : label) {
    const bool bought = value != missing_int32;
    if (params.label == "days_to_purchase")
      value = bought ? days - value : days;
    else
      value = bought == (params.label == "purchase") ? 1 : 0;
  }
  return {{.name = params.label, .type = ColumnType::int32}, std::move(label)};
}

/// Keeps the values at these rows, in their order.
void keep(const std::vector<std::size_t>& rows, ColumnData& column) {
  std::visit(
      [&]<class Values>(Values& values) {
        Values kept;
        for (const std::size_t row : rows) kept.push_back(values[row]);
        values = std::move(kept);
      },
      column.values);
}

/// The place of each of `customers` among `all`, which has the same order and may have more; none where one is unknown.
std::optional<std::vector<std::size_t>> places_among(const ColumnValues& all, const ColumnValues& customers) {
  return std::visit(
      [&]<class Values>(const Values& some) -> std::optional<std::vector<std::size_t>> {
        const auto* known = std::get_if<Values>(&all);
        std::vector<std::size_t> places;
        for (std::size_t at = 0; known != nullptr && at < known->size() && places.size() < some.size(); ++at) {
          if ((*known)[at] == some[places.size()]) places.push_back(at);
        }
        return places.size() == some.size() ? std::optional(std::move(places)) : std::nullopt;
      },
      customers);
}

/// Writes the features of an earlier step with the labels beside them.
class LabelWriter {
 public:
  LabelWriter(const LabelsJob::Params& params, const StepContext& step, const CustomerRows& rows, Manifest events_of,
              Window window)
      : params_(params),
        step_(step),
        rows_(rows),
        window_(window),
        dataset_(step.dataset().string()),
        events_of_(std::move(events_of)),
        roles_(roles(params, params.label == "amount")) {
    const ShardEventTable none(events_of_, dataset_, {}, params.events, roles_.columns());
    time_ = none.columns().front();
    FeatureScan after(roles_, none.columns(), window.until, window.as_of);
    column_ = label_column(params, after.take()).column;
    if (events_of_.shards.size() != rows_.manifest->shards.size()) throw_other_customers();
  }

  [[nodiscard]] const Column& column() const { return column_; }  ///< the label
  [[nodiscard]] const Column& time() const { return time_; }

  /// Collective.
  LabelCounts write(CustomerTableWriter& writer) const {
    return aggregate(step_.context, std::ssize(rows_.shards), LabelCounts{},
                     [&](int, LabelCounts& state, std::int64_t i) {
                       const std::int32_t shard = rows_.shards[static_cast<std::size_t>(i)];
                       std::vector<ColumnData> columns = features_of(shard);
                       scan(shard, state, columns);
                       writer.write(shard, std::move(columns));
                     });
  }

 private:
  [[noreturn]] void throw_other_customers() const {
    throw Error(ExitCode::bad_config,
                fmt::format("labels: the customers of '{}' are not those of the dataset", params_.input),
                "set input to a step that reads this dataset");
  }

  [[nodiscard]] std::vector<ColumnData> features_of(std::int32_t shard) const {
    std::vector<ColumnData> columns;
    for (const Column& column : rows_.schema().columns) {
      columns.push_back({column, read_column(*rows_.manifest, rows_.folder.string(), static_cast<std::size_t>(shard),
                                             customers_table, column.name)});
    }
    return columns;
  }

  /// Adds the label to a shard's features and leaves the customers that were known on the date.
  void scan(std::int32_t shard, LabelCounts& state, std::vector<ColumnData>& columns) const {
    const ShardEventTable events(events_of_, dataset_, {shard}, params_.events, roles_.columns());
    FeatureScan before(roles(params_, false), events.columns(), window_.as_of);
    FeatureScan after(roles_, events.columns(), window_.until, window_.as_of);
    const std::unique_ptr<EventTable::Reader> reader = events.reader();
    for (std::int64_t block = 0; block < std::ssize(events.blocks()); ++block) {
      reader->read(block, [&](const EventTile& tile) {
        before.add(tile);
        after.add(tile);
        state.latest = std::max(state.latest, latest_time(tile, events.columns().front(), tile.columns.front()));
      });
    }
    const std::vector<FeatureColumn> past = before.take(), future = after.take();
    const auto &recency = values_of<std::int32_t>(past, "recency_days"),
               &met = values_of<std::int32_t>(future, "recency_days");
    const std::vector<std::size_t> places = places_in_dataset(shard, columns.front().values);
    std::vector<std::size_t> known, known_places;  // of the others nothing can be learned
    for (std::size_t row = 0; row < places.size(); ++row) {
      const std::size_t at = places[row];
      ++state.customers[recency[at] == missing_int32 ? 2 : met[at] == missing_int32 ? 1 : 0];
      if (recency[at] == missing_int32) continue;
      known.push_back(row);
      known_places.push_back(at);
    }
    for (ColumnData& column : columns) keep(known, column);
    columns.push_back(label_column(params_, future));
    keep(known_places, columns.back());
  }

  /// Of a shard's customers in the table that gets labels; it may lack some, as that of an earlier `labels` does.
  [[nodiscard]] std::vector<std::size_t> places_in_dataset(std::int32_t shard, const ColumnValues& customers) const {
    const ColumnValues all = read_column(events_of_, dataset_, static_cast<std::size_t>(shard), customers_table,
                                         events_of_.tables.front().columns.front().name);
    std::optional<std::vector<std::size_t>> places = places_among(all, customers);
    if (!places) throw_other_customers();
    return std::move(*places);
  }

  const LabelsJob::Params& params_;
  const StepContext& step_;
  const CustomerRows& rows_;
  Window window_;
  std::string dataset_;
  Manifest events_of_;
  Features::Params roles_;
  Column column_, time_;
};

Window window_of(const LabelsJob::Params& params, const CustomerRows& rows) {
  const std::string as_of = rows.manifest->lineage.value("as_of", "");
  if (as_of.empty()) {
    throw Error(ExitCode::bad_config, fmt::format("labels: the table of '{}' is not as of a date", params.input),
                "set input to the id of a features step");
  }
  const std::int32_t day = date_from_iso(as_of, "as_of");
  return {day, day + static_cast<std::int32_t>(params.within_days)};
}

/// Collective. A window that the events do not cover would call everybody gone.
void check_covered(const StepContext& step, std::int64_t latest, const Column& time, Window window) {
  collectively(step.context.comm, [&] {
    if (latest != missing_int64 && day_after(latest, time) >= window.until) return;
    throw Error(ExitCode::bad_data,
                fmt::format("labels: the window runs to {}, but the last event is of {}", iso_date(window.until - 1),
                            latest == missing_int64 ? "no day" : iso_date(day_after(latest, time) - 1)),
                "take features as of an earlier date, or fewer within_days");
  });
}

std::vector<Dictionary> dictionaries_of(const CustomerRows& rows) {
  std::vector<Dictionary> dictionaries;
  for (const Column& column : rows.schema().columns) {
    if (column.type == ColumnType::category)
      dictionaries.push_back(read_dictionary(*rows.manifest, rows.folder.string(), column.name));
  }
  return dictionaries;
}

}  // namespace

void LabelsJob::Params::describe(Fields& f) {
  f({.name = "input", .text = "The features step whose table gets a label, and whose date counts", .required = true},
    input);
  f({.name = "label",
     .text =
         "What to predict of the days from the date on: churn (1: no event), purchase (1: an event), amount (sum of "
         "quantity x price), days_to_purchase (within_days where there is none). Also the column's name",
     .choices = {"churn", "purchase", "amount", "days_to_purchase"}},
    label);
  f({.name = "within_days", .text = "Length of the window; the events must cover it", .range = {1, 36500}},
    within_days);
  f({.name = "events", .text = "Event table to scan"}, events);
  f({.name = "time", .text = "Date or timestamp of an event"}, time);
  f({.name = "quantity", .text = "Units bought; empty: one each"}, quantity);
  f({.name = "price", .text = "Price of one unit"}, price);
  f({.name = "csv", .text = "Write labels.csv beside the table"}, csv);
}

StepResult LabelsJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  const CustomerRows rows = open_customer_rows(step, params.input);
  const Window window = made_collectively(context.comm, [&] { return window_of(params, rows); });
  Manifest dataset = share_manifest(context.comm, step.dataset());
  const LabelWriter labels =
      made_collectively(context.comm, [&] { return LabelWriter(params, step, rows, std::move(dataset), window); });
  std::vector<Column> columns = rows.schema().columns;
  columns.push_back(labels.column());
  CustomerTableWriter writer(context, step.folder / "table", columns);
  const LabelCounts counts = labels.write(writer);
  check_covered(step, counts.latest, labels.time(), window);
  const nlohmann::json lineage{{"label_until", iso_date(window.until)}};
  CustomerRows written{.folder = step.folder / "table"};
  written.manifest = std::make_unique<const Manifest>(writer.finish(*rows.manifest, dictionaries_of(rows), lineage));
  written.shards = shards_of_rank(*written.manifest, context.comm.rank(), context.comm.size());
  if (params.csv) write_customers_csv(context, written, step.folder / "labels.csv");
  StepResult result;
  result.metrics = {{"as_of", iso_date(window.as_of)},
                    {"until", iso_date(window.until)},
                    {"customers", total_rows(*written.manifest, 0)},
                    {"customers_with_event", counts.customers[0]},
                    {"customers_without_event", counts.customers[1]},
                    {"customers_not_known_yet", counts.customers[2]}};
  return result;
}

StepPlan LabelsJob::plan(const Params& params, Forecast& forecast) {
  const PlannedTable* features = forecast.table(params.input);
  const PlannedTable* events = forecast.events(params.events);
  if (features == nullptr || events == nullptr) return {};
  PlannedTable table = *features;
  table.columns.push_back({.name = params.label});
  const double result_bytes = table.rows_per_shard() * static_cast<double>(table.columns.size()) * 16;
  forecast.tables[forecast.id] = table;
  return {.rows = table.rows,
          .memory_bytes = Forecast::program_bytes + forecast.threads * (Forecast::thread_bytes + result_bytes),
          .payload_bytes = 0,
          .disk_bytes = Forecast::step_bytes + table.rows * (params.csv ? 70 : 25),
          .time_s = 0.03 + (events->rows * 20e-9 + table.rows * 0.6e-6) / forecast.workers(),
          .rows_metric = "customers",
          .smaller = "set more `shards`, which are scanned one a thread"};
}

}  // namespace cohort
