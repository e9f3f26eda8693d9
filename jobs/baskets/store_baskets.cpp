// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/store_baskets.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "algorithms/features/features_date.hpp"
#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/threads.hpp"
#include "io/store/dictionaries.hpp"
#include "jobs/time_span.hpp"

namespace cohort {
namespace {

std::int64_t value(const ColumnView& column, std::int32_t row) {
  const auto r = static_cast<std::size_t>(row);
  if (!column.int64s.empty()) return column.int64s[r];
  return column.int32s[r] == missing_int32 ? missing_int64 : column.int32s[r];
}

bool is_time(const Column& column) {
  return column.type == ColumnType::timestamp || column.type == ColumnType::date;
}

}  // namespace

/// The baskets of one customer after another, out of tiles.
class CustomerBaskets {
 public:
  CustomerBaskets(const StoreBaskets& store, BasketRows& counted, int worker, const OriginSink& sink)
      : store_(store), counted_(counted), worker_(worker), sink_(sink) {
    const Column* time = store.time_at_ ? &store.time_column() : nullptr;
    units_per_day_ = time == nullptr || time->type == ColumnType::date ? 1 : units_per_day(time->unit);
  }

  /// Adds the run's events and hands over the baskets when the customer ends.
  void add(const CustomerRun& run, const EventTile& tile, std::int32_t shard) {
    for (std::int32_t e = run.begin; e < run.end; ++e) add_event(tile, e);
    if (run.ends) hand_over({.shard = shard, .customer = run.customer});
  }

 private:
  using By = StoreBaskets::By;
  /// An item in a basket; `missing_int64` where an event has none that counts.
  struct Entry {
    std::int64_t basket, item, event;
    bool operator<(const Entry& other) const {
      return std::tie(basket, item, event) < std::tie(other.basket, other.item, other.event);
    }
  };
  /// What the basket of an event is told by, beside its items.
  struct Event {
    std::int64_t time, group;
  };

  void add_event(const EventTile& tile, std::int32_t row) {
    const auto at = [&](std::size_t column) { return value(tile.columns[column], row); };
    const std::int64_t time = store_.time_at_ ? at(*store_.time_at_) : 0, item = at(0);
    const std::int64_t own = store_.by_ == By::column ? at(store_.basket_at_) : 0;
    if (item == missing_int64 || own == missing_int64 || time == missing_int64) {
      ++counted_.missing;
      return;
    }
    if (time < store_.begin_ || time >= store_.end_) {
      ++counted_.outside_period;
      return;
    }
    const std::int64_t basket = basket_of(own, time);
    const std::int64_t event = std::ssize(events_);
    events_.push_back({time, store_.group_at_ ? at(*store_.group_at_) : 0});
    keys_.clear();
    const ItemMap::Fate fate = store_.items_->add(item, keys_);
    if (fate == ItemMap::Fate::left_out) ++counted_.left_out;
    if (fate == ItemMap::Fate::without_category) ++counted_.without_category;
    if (keys_.empty()) keys_.push_back(missing_int64);
    for (const std::int64_t key : keys_) entries_.push_back({basket, key, event});
  }

  /// Events of a customer come by time, so a session ends where the next event is too late.
  std::int64_t basket_of(std::int64_t own, std::int64_t time) {
    if (store_.by_ == By::day) return floor_div(time, units_per_day_);
    if (store_.by_ != By::session) return own;
    if (!events_.empty() && time - events_.back().time > store_.session_gap_) ++session_;
    return session_;
  }

  void hand_over(BasketOrigin origin) {
    std::sort(entries_.begin(), entries_.end());
    for (auto begin = entries_.begin(); begin != entries_.end();) {
      const auto end = std::find_if(begin, entries_.end(), [&](const Entry& e) { return e.basket != begin->basket; });
      items_.clear();
      std::int64_t first = begin->event;
      for (auto entry = begin; entry != end; ++entry) {
        first = std::min(first, entry->event);
        if (entry->item != missing_int64) items_.push_back(entry->item);
      }
      origin.time = events_[static_cast<std::size_t>(first)].time;
      origin.group = events_[static_cast<std::size_t>(first)].group;
      sink_(worker_, origin, items_);
      begin = end;
    }
    entries_.clear();
    events_.clear();
    session_ = 0;
  }

  const StoreBaskets& store_;
  BasketRows& counted_;
  int worker_;
  const OriginSink& sink_;
  std::int64_t units_per_day_ = 1, session_ = 0;
  std::vector<Entry> entries_;
  std::vector<Event> events_;
  std::vector<std::int64_t> keys_, items_;
};

void StoreBasketParams::describe(Fields& f) {
  f({.name = "table", .text = "store: the event table"}, table);
  f({.name = "basket",
     .text = "store: the column whose value makes a basket within a customer; or 'customer': all of a customer's "
             "events, 'day': those of one day (UTC), 'session': those without a longer pause than session_gap"},
    basket);
  f({.name = "session_gap", .text = "store: longest pause within a session: 30m, 12h, 7d"}, session_gap);
  f({.name = "item", .text = "store: the column with the item, a category or whole numbers"}, item);
  f({.name = "time", .text = "store: the column with the time, for days, sessions and periods"}, time);
  f({.name = "from", .text = "store: events before this day (YYYY-MM-DD) are in no basket; empty: all are"}, from);
  f({.name = "until", .text = "store: events of this day and later are in no basket; empty: all are"}, until);
}

bool StoreBasketParams::needs_time() const {
  return basket == "day" || basket == "session" || !from.empty() || !until.empty();
}

StoreBaskets::StoreBaskets(const StoreBasketParams& params, CustomerRows rows, const std::string& group,
                           const Context& context)
    : params_(params),
      rows_(std::move(rows)),
      context_(context),
      by_(params.basket == "customer"  ? By::customer
          : params.basket == "day"     ? By::day
          : params.basket == "session" ? By::session
                                       : By::column),
      begin_(std::numeric_limits<std::int64_t>::min()),
      end_(std::numeric_limits<std::int64_t>::max()) {
  collectively(context.comm, [&] {
    std::vector<std::string> names{params.item};
    if (by_ == By::column) basket_at_ = at_of(params.basket, names);
    if (params.needs_time() || group == params.time) time_at_ = at_of(params.time, names);
    if (!group.empty()) group_at_ = at_of(group, names);
    events_ = std::make_unique<const ShardEventTable>(*rows_.manifest, rows_.folder.string(), rows_.shards,
                                                      params.table, names);
    check_columns();
    set_period(params);
  });
}

std::size_t StoreBaskets::at_of(const std::string& name, std::vector<std::string>& names) {
  const auto at = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  if (at == names.size()) names.push_back(name);
  return at;
}

void StoreBaskets::check_columns() const {
  for (const Column& column : events_->columns()) {
    if (column.type == ColumnType::float64 || column.type == ColumnType::decimal) {
      throw Error(ExitCode::bad_config,
                  fmt::format("column {} of {} holds {}: such values name no item or basket", column.name,
                              params_.table, type_name(column)),
                  "name columns with categories or whole numbers");
    }
  }
  if (time_at_ && !is_time(time_column())) {
    throw Error(ExitCode::bad_config, fmt::format("column {} of {} holds no time", time_column().name, params_.table),
                "name the column with the time of the event");
  }
}

void StoreBaskets::set_period(const StoreBasketParams& params) {
  if (by_ == By::session) session_gap_ = span_in_units("session_gap", params.session_gap, time_column());
  if (!params.from.empty()) begin_ = day_in_units(date_from_iso(params.from, "from"), time_column());
  if (!params.until.empty()) end_ = day_in_units(date_from_iso(params.until, "until"), time_column());
  if (begin_ >= end_) {
    throw Error(ExitCode::bad_config, fmt::format("no day lies from {} until {}", params.from, params.until),
                "give an earlier day as from or a later one as until");
  }
}

std::vector<std::string> StoreBaskets::item_labels() const {
  if (column(0).type != ColumnType::category) return {};
  return read_dictionary(*rows_.manifest, rows_.folder.string(), column(0).name).labels;
}

void StoreBaskets::read(const OriginSink& sink, BasketRows& counted) const {
  std::vector<std::unique_ptr<EventTable::Reader>> readers(static_cast<std::size_t>(context_.threads));
  parallel_for(context_.threads, std::ssize(events_->blocks()), [&](int worker, std::int64_t block) {
    auto& reader = readers[static_cast<std::size_t>(worker)];
    if (!reader) reader = events_->reader();
    read_block(block, worker, *reader, sink, counted);
  });
}

void StoreBaskets::read_shard(std::int32_t shard, const OriginSink& sink, BasketRows& counted) const {
  const std::unique_ptr<EventTable::Reader> reader = events_->reader();
  const auto blocks = std::ranges::equal_range(events_->blocks(), shard, {}, &EventTable::Block::shard);
  for (auto block = blocks.begin(); block != blocks.end(); ++block)
    read_block(block - events_->blocks().begin(), 0, *reader, sink, counted);
}

void StoreBaskets::read_block(std::int64_t block, int worker, EventTable::Reader& reader, const OriginSink& sink,
                              BasketRows& counted) const {
  CustomerBaskets customers(*this, counted, worker, sink);
  const std::int32_t shard = events_->blocks()[static_cast<std::size_t>(block)].shard;
  reader.read(block, [&](const EventTile& tile) {
    for (const CustomerRun& run : tile.runs) customers.add(run, tile, shard);
  });
}

}  // namespace cohort
