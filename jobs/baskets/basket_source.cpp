// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/basket_source.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/threads.hpp"
#include "io/durable_file.hpp"
#include "io/store/content_hash.hpp"
#include "io/store/dictionaries.hpp"
#include "io/store/event_table.hpp"
#include "io/text/fimi.hpp"
#include "jobs/customer_rows.hpp"

namespace cohort {
namespace {

std::string path_of(const BasketParams& params, const std::filesystem::path& out) {
  return std::filesystem::exists(params.input) ? params.input : (out / params.input).string();
}

Baskets open_file(const BasketParams& params, const StepContext& step) {
  const Context& context = step.context;
  const std::string path = path_of(params, step.out);
  std::string hash;
  collectively(context.comm, [&] {
    static_cast<void>(BasketFile(path, BasketDialect::fimi));
    if (context.comm.rank() == 0) hash = file_hash_hex(path);
  });
  context.comm.broadcast(hash, 0);
  Baskets baskets{.skipped = std::make_shared<std::atomic<std::int64_t>>(0)};
  baskets.pass = [&context, path, spmf = params.format == "spmf"](const BasketSink& sink) {
    BasketFile(path, spmf ? BasketDialect::spmf : BasketDialect::fimi)
        .read(context.comm.rank(), context.comm.size(), context.threads, sink);
  };
  baskets.label = [](std::int64_t key) { return std::to_string(key); };
  baskets.sources = Json::array(
      {{{"name", std::filesystem::path(path).filename().string()}, {"hash", hash}, {"bytes", InputFile(path).size()}}});
  return baskets;
}

/// What makes two events of a customer one basket.
enum class BasketBy { column, customer, day };

/// The baskets of one customer after another, out of tiles.
class CustomerBaskets {
 public:
  CustomerBaskets(BasketBy by, const Column& column)
      : by_(by), units_per_day_(units_per_day(column.unit)), date_(column.type == ColumnType::date) {}

  /// Adds the run's events and hands over the baskets when the customer ends. Returns the events left out.
  std::int64_t add(const CustomerRun& run, const EventTile& tile, int worker, const BasketSink& sink) {
    std::int64_t skipped = 0;
    for (std::int32_t e = run.begin; e < run.end; ++e) {
      const std::int64_t item = value(tile.columns[0], e);
      const std::int64_t basket = by_ == BasketBy::customer ? 0 : value(tile.columns[1], e);
      if (item == missing_int64 || basket == missing_int64) {
        ++skipped;
      } else {
        entries_.emplace_back(by_ == BasketBy::day && !date_ ? floor_div(basket, units_per_day_) : basket, item);
      }
    }
    if (run.ends) hand_over(worker, sink);
    return skipped;
  }

 private:
  static std::int64_t value(const ColumnView& column, std::int32_t row) {
    const auto r = static_cast<std::size_t>(row);
    if (!column.int64s.empty()) return column.int64s[r];
    return column.int32s[r] == missing_int32 ? missing_int64 : column.int32s[r];
  }
  void hand_over(int worker, const BasketSink& sink) {
    std::sort(entries_.begin(), entries_.end());
    for (auto begin = entries_.begin(); begin != entries_.end();) {
      const auto end = std::find_if(begin, entries_.end(), [&](const auto& e) { return e.first != begin->first; });
      items_.clear();
      for (auto entry = begin; entry != end; ++entry) items_.push_back(entry->second);
      sink(worker, items_);
      begin = end;
    }
    entries_.clear();
  }

  BasketBy by_;
  std::int64_t units_per_day_;
  bool date_;
  std::vector<std::pair<std::int64_t, std::int64_t>> entries_;
  std::vector<std::int64_t> items_;
};

void check_columns(const BasketParams& params, const ShardEventTable& events, BasketBy by) {
  for (const Column& column : events.columns()) {
    if (column.type == ColumnType::float64 || column.type == ColumnType::decimal) {
      throw Error(ExitCode::bad_config,
                  fmt::format("column {} of {} holds {}: such values name no item or basket", column.name, params.table,
                              type_name(column)),
                  "name columns with categories or whole numbers");
    }
  }
  const Column& last = events.columns().back();
  if (by == BasketBy::day && last.type != ColumnType::timestamp && last.type != ColumnType::date) {
    throw Error(ExitCode::bad_config, fmt::format("column {} of {} holds no time", last.name, params.table),
                "name the column with the time of the event");
  }
}

struct Store {
  CustomerRows rows;
  std::unique_ptr<ShardEventTable> events;
  std::vector<std::string> labels;
};

Baskets open_store(const BasketParams& params, const StepContext& step) {
  const Context& context = step.context;
  const BasketBy by = params.basket == "customer" ? BasketBy::customer
                      : params.basket == "day"    ? BasketBy::day
                                                  : BasketBy::column;
  auto store = std::make_shared<Store>();
  store->rows = open_customer_rows(step, params.input);
  collectively(context.comm, [&] {
    const Manifest& manifest = *store->rows.manifest;
    const std::string folder = store->rows.folder.string();
    std::vector<std::string> columns{params.item};
    if (by != BasketBy::customer) columns.push_back(by == BasketBy::day ? params.time : params.basket);
    store->events = std::make_unique<ShardEventTable>(manifest, folder, store->rows.shards, params.table, columns);
    check_columns(params, *store->events, by);
    if (store->events->columns()[0].type == ColumnType::category)
      store->labels = read_dictionary(manifest, folder, params.item).labels;
  });
  Baskets baskets{.skipped = std::make_shared<std::atomic<std::int64_t>>(0)};
  baskets.numbers = store->events->columns()[0].type != ColumnType::category;
  baskets.label = [store](std::int64_t key) {
    return store->labels.empty() ? std::to_string(key) : store->labels[static_cast<std::size_t>(key)];
  };
  baskets.pass = [store, by, &context, skipped = baskets.skipped](const BasketSink& sink) {
    *skipped = 0;
    const ShardEventTable& events = *store->events;
    std::vector<std::unique_ptr<EventTable::Reader>> readers(static_cast<std::size_t>(context.threads));
    parallel_for(context.threads, std::ssize(events.blocks()), [&](int worker, std::int64_t block) {
      auto& reader = readers[static_cast<std::size_t>(worker)];
      if (!reader) reader = events.reader();
      CustomerBaskets customers(by, events.columns().back());
      reader->read(block, [&](const EventTile& tile) {
        for (const CustomerRun& run : tile.runs) *skipped += customers.add(run, tile, worker, sink);
      });
    });
  };
  return baskets;
}

}  // namespace

void BasketParams::describe(Fields& f) {
  f({.name = "input", .text = "A file of baskets; for format store 'dataset' (the job's), or a folder that holds one"},
    input);
  f({.name = "format",
     .text = "fimi: a basket a line, items as whole numbers; spmf: SPMF text, sequences as the set of their items; "
             "store: events of a dataset. Files may be compressed (.gz)",
     .choices = {"fimi", "spmf", "store"}},
    format);
  f({.name = "table", .text = "store: the event table"}, table);
  f({.name = "basket",
     .text = "store: the column whose value makes a basket within a customer; or 'customer': all of a customer's "
             "events, 'day': those of one day (UTC)"},
    basket);
  f({.name = "item", .text = "store: the column with the item, a category or whole numbers"}, item);
  f({.name = "time", .text = "store: the column with the time, for baskets by day"}, time);
}

std::vector<std::string> BasketParams::inputs(const std::filesystem::path& out) const {
  if (format == "store") return {};
  return {path_of(*this, out)};
}

Baskets open_baskets(const BasketParams& params, const StepContext& step) {
  return params.format == "store" ? open_store(params, step) : open_file(params, step);
}

Json basket_metrics(const Baskets& baskets, const ItemCatalogue& items, Communicator& comm) {
  std::array<std::int64_t, 1> skipped{*baskets.skipped};
  comm.all_reduce(skipped, {});
  return {{"baskets", items.baskets},
          {"items", items.distinct_items},
          {"frequent_items", items.size()},
          {"empty_baskets", items.empty_baskets},
          {"repeated_items", items.repeated_items},
          {"longest_basket", items.longest_basket},
          {"rows_without_item_or_basket", skipped[0]}};
}

}  // namespace cohort
