// SPDX-License-Identifier: Apache-2.0
#include "jobs/features/event_source.hpp"

#include <algorithm>
#include <limits>

#include "algorithms/features/features_date.hpp"
#include "algorithms/features/features_scan.hpp"
#include "core/collectively.hpp"
#include "io/store/dataset.hpp"
#include "io/store/shard_reader.hpp"
#include "jobs/shard_gather.hpp"

namespace cohort {

ShardEventTable EventSource::events(Communicator& comm, const std::string& table,
                                    const std::vector<std::string>& columns) const {
  return made_collectively(comm, [&] { return ShardEventTable(*manifest, folder, shards, table, columns); });
}

ColumnData EventSource::ids(std::int32_t shard) const {
  return {id_column(),
          read_column(*manifest, folder, static_cast<std::size_t>(shard), customers_table, id_column().name)};
}

EventSource open_events(const StepContext& step) {
  EventSource source{.folder = step.dataset().string(),
                     .manifest = std::make_unique<const Manifest>(share_manifest(step.context.comm, step.dataset()))};
  source.shards = shards_of_rank(*source.manifest, step.context.comm.rank(), step.context.comm.size());
  return source;
}

EventDays days_of_events(const Context& context, const EventSource& source, const std::string& table,
                         const std::string& time) {
  return made_collectively(context.comm, [&] {
    const std::size_t at = table_index(*source.manifest, table);
    const TableSchema& schema = source.manifest->tables[at];
    const std::size_t index = column_index(schema, time);
    const Column& column = schema.columns[index];
    if (column.type != ColumnType::date && column.type != ColumnType::timestamp)
      throw Error(ExitCode::bad_config, fmt::format("time: column '{}' has type {}", time, type_name(column)),
                  "name a column of dates or timestamps");
    const Zone range = zone_of(*source.manifest, at, index);
    if (range.empty())
      throw Error(ExitCode::bad_data, fmt::format("table {} has no event with a time", table),
                  "look at what ingest kept, or give an as_of date");
    return EventDays{day_after(range.low, column) - 1, day_after(range.high, column) - 1};
  });
}

std::int32_t date_or_end(const Context& context, const EventSource& source, const std::string& table,
                         const std::string& time, const std::string& date, std::string_view key) {
  return date.empty() ? days_of_events(context, source, table, time).last + 1 : date_from_iso(date, key);
}

std::vector<ShardBlocks> blocks_by_shard(const EventTable& events, const std::vector<std::int32_t>& shards) {
  const std::span<const EventTable::Block> blocks = events.blocks();
  std::vector<ShardBlocks> work;
  for (const std::int32_t shard : shards) {
    const auto range = std::ranges::equal_range(blocks, shard, {}, &EventTable::Block::shard);
    work.push_back({shard, range.begin() - blocks.begin(), range.end() - blocks.begin()});
  }
  return work;
}

}  // namespace cohort
