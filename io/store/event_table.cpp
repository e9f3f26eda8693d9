// SPDX-License-Identifier: Apache-2.0
#include "io/store/event_table.hpp"

#include <algorithm>
#include <optional>

#include "core/error.hpp"
#include "io/store/tile_column.hpp"

namespace cohort {
namespace {

/// First events of the customers of a shard, a strip at a time.
class OffsetReader {
 public:
  /// Goes to a shard; both must stay until the next `attach`.
  void attach(const InputFile& file, const TableEntry& customers, std::size_t column, std::int64_t events) {
    file_ = &file;
    reader_.attach(file, customers.columns[column][0]);
    customers_ = customers.rows;
    events_ = events;
  }

  /// First events of customers [first, first + count), and where the last one's end.
  std::span<const std::int64_t> read(std::int64_t first, std::int64_t count) {
    const std::int64_t known = std::min(count + 1, customers_ - first);
    offsets_.assign(static_cast<std::size_t>(count + 1), events_);
    reader_.read(first, first + known, offsets_.data());
    const bool sound = std::is_sorted(offsets_.begin(), offsets_.end()) && offsets_.front() >= 0 &&
                       offsets_.back() <= events_ && (first > 0 || offsets_.front() == 0);
    if (sound) return offsets_;
    throw Error(ExitCode::bad_data,
                fmt::format("{}: offsets of customers {} to {} are not within 0 and {} in order", file_->path(), first,
                            first + count - 1, events_),
                "ingest again");
  }

 private:
  const InputFile* file_ = nullptr;
  StreamReader<std::int64_t> reader_{{std::string(customers_table), "offsets"}};
  std::int64_t customers_ = 0, events_ = 0;
  std::vector<std::int64_t> offsets_;
};

}  // namespace

std::string offset_column(std::string_view event_table) {
  return fmt::format("{}_offset", event_table);
}

class ShardEventTable::ShardReader final : public EventTable::Reader {
 public:
  explicit ShardReader(const ShardEventTable& table) : table_(table) {
    for (const Column& column : table.columns_)
      columns_.emplace_back(table.manifest_.tables[table.table_].name, column, event_tile_size);
    views_.resize(columns_.size());
    runs_.reserve(static_cast<std::size_t>(event_tile_size));
  }

  void read(std::int64_t index, const std::function<void(const EventTile&)>& add) override {
    const Block& block = table_.blocks_[static_cast<std::size_t>(index)];
    go_to(block.shard);
    first_event_ = -1;
    for (std::int64_t done = 0; done < block.customers; done += event_tile_size) {
      const std::int64_t first = block.first_customer + done;
      const std::int64_t count = std::min(event_tile_size, block.customers - done);
      const auto offsets = offsets_.read(first, count);
      if (first_event_ < 0) start_block(offsets.front(), block.events);
      for (std::int64_t i = 0; i < count; ++i) {
        add_customer(first + i, offsets[static_cast<std::size_t>(i)], offsets[static_cast<std::size_t>(i) + 1], add);
      }
    }
    flush(add);
  }

 private:
  void go_to(std::int32_t shard) {
    if (shard == shard_) return;
    shard_ = -1;
    const ShardEntry& entry = table_.shard(shard);
    const TableEntry& events = entry.tables[table_.table_];
    file_.emplace(open_shard(table_.folder_, entry));
    offsets_.attach(*file_, entry.tables[table_.customers_], table_.offsets_, events.rows);
    for (std::size_t i = 0; i < columns_.size(); ++i)
      columns_[i].reader().attach(*file_, events.columns[table_.indices_[i]]);
    shard_ = shard;
  }

  void start_block(std::int64_t first_event, std::int64_t events) {
    first_event_ = first_event;
    const std::int64_t end = first_event + events;
    for (TileColumn& column : columns_) column.reader().will_need(end, end + event_block_events);
  }

  void add_customer(std::int64_t customer, std::int64_t begin, std::int64_t end,
                    const std::function<void(const EventTile&)>& add) {
    std::int64_t event = begin;
    do {
      const bool full = events_ == event_tile_size && event < end;
      if (full || std::ssize(runs_) == event_tile_size) flush(add);
      const std::int64_t take = std::min(end - event, event_tile_size - events_);
      runs_.push_back({.customer = customer,
                       .begin = static_cast<std::int32_t>(events_),
                       .end = static_cast<std::int32_t>(events_ + take),
                       .starts = event == begin,
                       .ends = event + take == end});
      events_ += take;
      event += take;
    } while (event < end);
  }

  void flush(const std::function<void(const EventTile&)>& add) {
    for (std::size_t i = 0; i < columns_.size(); ++i)
      views_[i] = columns_[i].read(first_event_, first_event_ + events_);
    if (!runs_.empty()) add({.runs = runs_, .columns = views_});
    first_event_ += events_;
    events_ = 0;
    runs_.clear();
  }

  const ShardEventTable& table_;
  std::int32_t shard_ = -1;
  std::optional<InputFile> file_;
  OffsetReader offsets_;
  std::vector<TileColumn> columns_;
  std::vector<ColumnView> views_;
  std::vector<CustomerRun> runs_;
  std::int64_t first_event_ = -1;  ///< of the tile, in the shard
  std::int64_t events_ = 0;        ///< in the tile so far
};

ShardEventTable::ShardEventTable(const Manifest& manifest, std::string folder, std::vector<std::int32_t> shards,
                                 std::string_view table, const std::vector<std::string>& columns)
    : manifest_(manifest),
      folder_(std::move(folder)),
      table_(table_index(manifest, table)),
      customers_(table_index(manifest, customers_table)),
      offsets_(column_index(manifest.tables[customers_], offset_column(table))) {
  const TableSchema& schema = manifest.tables[table_];
  for (const std::string& name : columns) {
    indices_.push_back(column_index(schema, name));
    columns_.push_back(schema.columns[indices_.back()]);
  }
  (void)ShardReader(*this);  // refuses text columns
  if (manifest.tables[customers_].columns[offsets_].type != ColumnType::int64) {
    throw Error(ExitCode::bad_data, fmt::format("column {} of customers is not int64", offset_column(table)),
                "ingest again");
  }
  std::sort(shards.begin(), shards.end());
  for (const std::int32_t one : shards) add_blocks(one);
}

void ShardEventTable::add_blocks(std::int32_t index) {
  const ShardEntry& entry = shard(index);
  const InputFile file = open_shard(folder_, entry);
  const TableEntry& customers = entry.tables[customers_];
  OffsetReader reader;
  reader.attach(file, customers, offsets_, entry.tables[table_].rows);
  std::int64_t first_customer = 0, first_event = 0;
  for (std::int64_t first = 0; first < customers.rows; first += event_tile_size) {
    const std::int64_t count = std::min(event_tile_size, customers.rows - first);
    const auto offsets = reader.read(first, count);
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t end = offsets[static_cast<std::size_t>(i) + 1], next = first + i + 1;
      if (end - first_event < event_block_events && next < customers.rows) continue;
      blocks_.push_back({index, first_customer, next - first_customer, end - first_event});
      first_customer = next;
      first_event = end;
    }
  }
}

std::unique_ptr<EventTable::Reader> ShardEventTable::reader() const {
  return std::make_unique<ShardReader>(*this);
}

}  // namespace cohort
