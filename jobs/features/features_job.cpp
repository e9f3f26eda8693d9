// SPDX-License-Identifier: Apache-2.0
#include "jobs/features/features_job.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "algorithms/features/features_date.hpp"
#include "algorithms/features/features_scan.hpp"
#include "algorithms/statistics/moments.hpp"
#include "algorithms/statistics/quantiles.hpp"
#include "core/aggregate.hpp"
#include "core/progress.hpp"
#include "io/store/dataset.hpp"
#include "io/store/event_table.hpp"
#include "io/store/shard_reader.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/ingest/customer_index.hpp"
#include "jobs/shard_gather.hpp"

namespace cohort {
namespace {

/// Blocks of one shard, consecutive in the table's list.
struct ShardBlocks {
  std::int32_t shard;
  std::int64_t begin, end;
};

std::vector<ShardBlocks> blocks_by_shard(std::span<const EventTable::Block> blocks) {
  std::vector<ShardBlocks> shards;
  for (std::int64_t i = 0; i < std::ssize(blocks); ++i) {
    const std::int32_t shard = blocks[static_cast<std::size_t>(i)].shard;
    if (shards.empty() || shards.back().shard != shard) shards.push_back({shard, i, i});
    shards.back().end = i + 1;
  }
  return shards;
}

struct LatestTime {
  std::int64_t time = missing_int64;
  void parts(Parts& p) { p.max(std::span(&time, 1)); }
};

/// Collective. The day after the last event of all ranks.
std::int32_t default_as_of(const Context& context, const Manifest& manifest, const std::string& folder,
                           const std::vector<std::int32_t>& shards, const Features::Params& params) {
  const auto events = made_collectively(
      context.comm, [&] { return ShardEventTable(manifest, folder, shards, params.input, {params.time}); });
  std::vector<std::unique_ptr<EventTable::Reader>> readers(static_cast<std::size_t>(context.threads));
  const LatestTime latest = aggregate(
      context, std::ssize(events.blocks()), LatestTime{}, [&](int worker, LatestTime& state, std::int64_t block) {
        auto& reader = readers[static_cast<std::size_t>(worker)];
        if (!reader) reader = events.reader();
        reader->read(block, [&](const EventTile& tile) {
          state.time = std::max(state.time, latest_time(tile, events.columns().front(), tile.columns.front()));
        });
      });
  collectively(context.comm, [&] {
    if (latest.time == missing_int64) {
      throw Error(ExitCode::bad_data, fmt::format("table {} has no event with a time", params.input),
                  "look at what ingest kept, or give features an as_of date");
    }
  });
  return day_after(latest.time, events.columns().front());
}

/// One shard's features with the customers' ids, as the columns of the result.
std::vector<ColumnData> scan_shard(const ShardEventTable& events, const ShardBlocks& blocks, FeatureScan& scan,
                                   ColumnData ids, Progress& progress) {
  const std::unique_ptr<EventTable::Reader> reader = events.reader();
  for (std::int64_t block = blocks.begin; block < blocks.end; ++block) {
    reader->read(block, [&](const EventTile& tile) { scan.add(tile); });
    progress.advance();
  }
  std::vector<ColumnData> columns;
  columns.push_back(std::move(ids));
  for (FeatureColumn& column : scan.take()) {
    columns.push_back(
        {column.column, std::visit([](auto& values) { return ColumnValues(std::move(values)); }, column.values)});
  }
  return columns;
}

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

}  // namespace

void FeaturesJob::Params::describe(Fields& f) {
  Features::Params::describe(f);
  f({.name = "csv", .text = "Write features.csv beside the table"}, csv);
  f({.name = "summary", .text = "Compute mean, spread and quartiles of each feature"}, summary);
}

StepResult FeaturesJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  const std::string dataset = step.dataset().string();
  const Manifest manifest = share_manifest(context.comm, dataset);
  const std::vector<std::int32_t> shards = shards_of_rank(manifest, context.comm.rank(), context.comm.size());
  const std::int32_t as_of = params.as_of.empty() ? default_as_of(context, manifest, dataset, shards, params)
                                                  : date_from_iso(params.as_of, "as_of");

  std::optional<CustomerTableWriter> writer;
  EventCounts events_seen;
  {
    const Metrics::Phase phase(context.metrics, context.comm, "features/scan");
    const auto events = made_collectively(
        context.comm, [&] { return ShardEventTable(manifest, dataset, shards, params.input, params.columns()); });
    const std::vector<ShardBlocks> work = blocks_by_shard(events.blocks());
    const Column id_column = manifest.tables.front().columns.front();
    std::vector<Column> columns{id_column};
    for (const FeatureColumn& column : FeatureScan(params, events.columns(), as_of).take())
      columns.push_back(column.column);
    writer.emplace(context, step.folder / "table", columns);
    Progress progress(context.show_progress, "scanning events", std::ssize(events.blocks()));
    std::vector<std::int32_t> seen;
    for (const ShardBlocks& blocks : work) seen.push_back(blocks.shard);
    events_seen = aggregate(context, std::ssize(work), EventCounts{}, [&](int, EventCounts& state, std::int64_t i) {
      const ShardBlocks& blocks = work[static_cast<std::size_t>(i)];
      FeatureScan scan(params, events.columns(), as_of);
      ColumnData ids{id_column, read_column(manifest, dataset, static_cast<std::size_t>(blocks.shard), customers_table,
                                            id_column.name)};
      writer->write(blocks.shard, scan_shard(events, blocks, scan, std::move(ids), progress));
      state.counts[0] += scan.events().used;
      state.counts[1] += scan.events().without_time;
      state.counts[2] += scan.events().not_before_as_of;
    });
    // Shards without customers have no block, but the table has them too.
    collectively(context.comm, [&] {
      for (const std::int32_t shard : shards) {
        if (std::find(seen.begin(), seen.end(), shard) != seen.end()) continue;
        std::vector<ColumnData> empty;
        for (const Column& column : columns) empty.push_back({column, missing_values(column, 0)});
        writer->write(shard, std::move(empty));
      }
    });
  }
  const Metrics::Phase phase(context.metrics, context.comm, "features/output");
  CustomerRows rows{
      .folder = step.folder / "table",
      .manifest = std::make_unique<const Manifest>(writer->finish(manifest, {}, {{"as_of", iso_date(as_of)}}))};
  rows.shards = shards_of_rank(*rows.manifest, context.comm.rank(), context.comm.size());
  if (params.csv) write_customers_csv(context, rows, step.folder / "features.csv");

  StepResult result;
  result.metrics = {{"as_of", iso_date(as_of)},
                    {"customers", total_rows(*rows.manifest, 0)},
                    {"events_used", events_seen.counts[0]},
                    {"events_without_time", events_seen.counts[1]},
                    {"events_not_before_as_of", events_seen.counts[2]}};
  if (params.summary) result.tables.push_back(summarise(rows, context));
  return result;
}

}  // namespace cohort
