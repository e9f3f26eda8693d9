// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/aggregate.hpp"
#include "core/progress.hpp"
#include "io/store/event_table.hpp"
#include "io/store/manifest.hpp"
#include "io/store/shard_writer.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// The job's dataset, for a step that scans events.
struct EventSource {
  std::string folder;
  std::unique_ptr<const Manifest> manifest;  ///< stays where it is, since tables refer to it
  std::vector<std::int32_t> shards;          ///< of this rank

  /// Collective. Columns of an event table.
  [[nodiscard]] ShardEventTable events(Communicator& comm, const std::string& table,
                                       const std::vector<std::string>& columns) const;
  /// The ids of one shard's customers.
  [[nodiscard]] ColumnData ids(std::int32_t shard) const;
  [[nodiscard]] const Column& id_column() const { return manifest->tables.front().columns.front(); }
};

/// Collective.
[[nodiscard]] EventSource open_events(const StepContext& step);

/// First and last day with an event, since 1970-01-01.
struct EventDays {
  std::int32_t first = 0, last = 0;
};
/// Collective. Of all ranks, by the zones of the column `time`: no data are read. Throws Error(bad_data) where no event
/// has a time.
[[nodiscard]] EventDays days_of_events(const Context& context, const EventSource& source, const std::string& table,
                                       const std::string& time);
/// Collective. The date given (YYYY-MM-DD), or the day after the last event.
[[nodiscard]] std::int32_t date_or_end(const Context& context, const EventSource& source, const std::string& table,
                                       const std::string& time, const std::string& date, std::string_view key);

/// Calls its argument for each tile of a shard's events, in order.
using ReadTiles = std::function<void(const std::function<void(const EventTile&)>&)>;

/// Blocks of one shard, consecutive in the table's list; none for a shard without customers.
struct ShardBlocks {
  std::int32_t shard = 0;
  std::int64_t begin = 0, end = 0;
};
[[nodiscard]] std::vector<ShardBlocks> blocks_by_shard(const EventTable& events,
                                                       const std::vector<std::int32_t>& shards);

/// Collective. Calls scan(state, shard, read) for each of this rank's shards on the threads; merges the states as
/// `aggregate` does.
template <MergeableState State, class Scan>
State aggregate_shards(const Context& context, const EventSource& source, const ShardEventTable& events,
                       const State& identity, const Scan& scan) {
  const std::vector<ShardBlocks> work = blocks_by_shard(events, source.shards);
  Progress progress(context.show_progress, "scanning events", std::ssize(events.blocks()));
  return aggregate(context, std::ssize(work), identity, [&](int, State& state, std::int64_t i) {
    const ShardBlocks& blocks = work[static_cast<std::size_t>(i)];
    scan(state, blocks.shard, [&](const std::function<void(const EventTile&)>& add) {
      const std::unique_ptr<EventTable::Reader> reader = events.reader();
      for (std::int64_t block = blocks.begin; block < blocks.end; ++block) {
        reader->read(block, add);
        progress.advance();
      }
    });
  });
}

/// Collective. `aggregate` over the blocks of events: calls add(state, reader, block).
template <MergeableState State, class Add>
State aggregate_events(const Context& context, const ShardEventTable& events, const State& identity, const Add& add) {
  std::vector<std::unique_ptr<EventTable::Reader>> readers(static_cast<std::size_t>(context.threads));
  Progress progress(context.show_progress, "scanning events", std::ssize(events.blocks()));
  return aggregate(context, std::ssize(events.blocks()), identity, [&](int worker, State& state, std::int64_t block) {
    auto& reader = readers[static_cast<std::size_t>(worker)];
    if (!reader) reader = events.reader();
    add(state, *reader, block);
    progress.advance();
  });
}

}  // namespace cohort
