// SPDX-License-Identifier: Apache-2.0
#include "jobs/generate_job.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <span>

#include "algorithms/synthetic/synthetic_csv.hpp"
#include "core/aggregate.hpp"
#include "core/progress.hpp"
#include "core/shard_hash.hpp"
#include "core/signals.hpp"
#include "io/durable_file.hpp"
#include "jobs/ingest/dataset_build.hpp"

namespace cohort {
namespace {

constexpr std::int64_t customers_per_shard = 100'000;
constexpr std::size_t most_sources = 3;
constexpr std::int64_t customers_between_polls = 1 << 16;
constexpr double growth = 1.1;  ///< room for a shard's rows, over those of the mean

struct Totals {
  std::int64_t transactions = 0, cents = 0;
  std::vector<std::int64_t> segments;
  std::vector<std::int64_t> faults = std::vector<std::int64_t>(most_sources * dirt_kinds, 0);  ///< by source and kind

  void parts(Parts& p) {
    p.sum(transactions);
    p.sum(cents);
    p.sum(segments);
    p.sum(faults);
  }
  void add(const SyntheticRetailer::Customer& customer, std::span<const SyntheticRetailer::Line> lines) {
    ++segments[static_cast<std::size_t>(customer.segment)];
    transactions += std::ssize(lines);
    for (const SyntheticRetailer::Line& line : lines) cents += line.quantity * line.price;
  }
};

struct Sale {
  std::int64_t customer;
  SyntheticRetailer::Line line;
};

/// Collective. Calls `write(totals, part)` for each part asked for, once among all ranks.
template <class Write>
Totals write_parts(const GenerateJob::Params& params, const StepContext& step, const Totals& identity,
                   const Write& write) {
  const Context& context = step.context;
  const std::int64_t parts = params.parts_end() - params.first_part;
  const std::int64_t mine = (parts - context.comm.rank() + context.comm.size() - 1) / context.comm.size();
  Progress progress(context.show_progress, "writing CSV", mine);
  return aggregate(context, mine, identity, [&](int, Totals& totals, std::int64_t task) {
    write(totals, params.first_part + task * context.comm.size() + context.comm.rank());
    progress.advance();
  });
}

/// Collective. Writes CSV files, one part a task: transactions, customers with their traits, and the truth.
Totals write_csv(const SyntheticRetailer& retailer, const GenerateJob::Params& params, const StepContext& step,
                 const Totals& identity) {
  const SyntheticCsv csv(retailer);
  return write_parts(params, step, identity, [&](Totals& totals, std::int64_t part) {
    const auto [first, last] = retailer.customers_of_part(part);
    std::string transactions{SyntheticCsv::transactions_header}, customers = csv.customers_header(),
                                                                 truth{SyntheticCsv::truth_header};
    std::vector<SyntheticRetailer::Line> lines;
    std::vector<Sale> sales;
    for (std::int64_t number = first; number < last; ++number) {
      const SyntheticRetailer::Customer customer = retailer.customer(number);
      lines.clear();
      retailer.purchases(customer, lines);
      totals.add(customer, lines);
      for (const SyntheticRetailer::Line& line : lines) sales.push_back({number, line});
      csv.append_customer(customer, customers);
      csv.append_truth(customer, truth);
    }
    // As a till would write them; a stable sort keeps the order of a customer's lines of one time.
    std::stable_sort(sales.begin(), sales.end(),
                     [](const Sale& a, const Sale& b) { return a.line.time < b.line.time; });
    for (const Sale& sale : sales) csv.append(sale.customer, sale.line, transactions);
    write_file((step.folder / part_name("transactions", part)).string(), transactions);
    write_file((step.folder / part_name("customers", part)).string(), customers);
    write_file((step.folder / part_name("truth", part)).string(), truth);
  });
}

/// Collective. Writes what a shop's systems would hand over, and what is wrong with it.
Totals write_export(const SyntheticRetailer& retailer, const SyntheticExport& shop, const GenerateJob::Params& params,
                    const StepContext& step, const Totals& identity) {
  const auto write = [&](const std::string& name, std::int64_t part, const std::string& text) {
    write_file((step.folder / part_name(name.c_str(), part)).string(), text);
  };
  collectively(step.context.comm, [&] {
    if (step.context.comm.rank() == 0) write_file((step.folder / "products.csv").string(), shop.products());
  });
  const SyntheticCsv csv(retailer);
  return write_parts(params, step, identity, [&](Totals& totals, std::int64_t number) {
    std::string truth{SyntheticCsv::truth_header};
    const SyntheticExport::Part part = shop.part(number, [&](const auto& customer, const auto& lines) {
      totals.add(customer, lines);
      csv.append_truth(customer, truth);
    });
    write("truth", number, truth);
    write("dirt", number, "source,line,kind\n" + part.dirt);
    for (std::size_t s = 0; s < part.sources.size(); ++s) {
      const DirtySource& source = part.sources[s];
      write(source.name, number, source.text);
      write("true_" + source.name, number, source.truth);
      for (std::size_t kind = 0; kind < dirt_kinds; ++kind) totals.faults[s * dirt_kinds + kind] += source.counts[kind];
    }
  });
}

/// How many faults of each kind are in each source.
ResultTable fault_table(const Totals& totals) {
  constexpr std::array<const char*, most_sources> names{"customers", "transactions", "feedback"};
  ResultTable table{
      .name = "planted_faults", .title = "Planted faults", .columns = {"source", "kind", "records"}, .rows = {}};
  for (std::size_t i = 0; i < totals.faults.size(); ++i) {
    if (totals.faults[i] > 0)
      table.rows.push_back({names[i / dirt_kinds], name_of(static_cast<Dirt>(i % dirt_kinds)), totals.faults[i]});
  }
  return table;
}

/// The items of each planted bundle and follow-up.
ResultTable plants_table(const SyntheticRetailer& retailer) {
  ResultTable table{.name = "planted_items", .title = "Planted items", .columns = {"planted", "items"}, .rows = {}};
  const auto add = [&](const char* what, const std::vector<std::int32_t>& items) {
    std::vector<std::string> labels;
    for (const std::int32_t item : items) labels.push_back(retailer.item_label(item));
    table.rows.push_back({what, fmt::format("{}", fmt::join(labels, " "))});
  };
  const SyntheticPlants::Params& plants = retailer.params().plants;
  for (std::int64_t b = 0; b < plants.bundles; ++b) add("bundle", retailer.plants().bundle(b));
  for (std::int64_t f = 0; f < plants.follow_ups; ++f) add("follow_up", retailer.plants().follow_up(f));
  return table;
}

std::vector<std::string> labels(std::int64_t count, const std::function<std::string(std::int32_t)>& label) {
  std::vector<std::string> all;
  for (std::int32_t i = 0; i < count; ++i) all.push_back(label(i));
  return all;
}

/// Packs a line as `store_layout` says.
void pack_line(const RowFormat& format, std::int64_t customer, const SyntheticRetailer::Line& line, std::byte* row) {
  RowFormat::store(row, 0,
                   RowHeader{.bytes = static_cast<std::uint32_t>(GenerateJob::packed_bytes(format)),
                             .table = 0,
                             .customer = static_cast<std::uint64_t>(customer)});
  RowFormat::store(row, format.offset(1), line.time * microseconds_per(TimeUnit::second));
  RowFormat::store(row, format.offset(2), line.basket);
  RowFormat::store(row, format.offset(3), line.channel);
  RowFormat::store(row, format.offset(4), line.item);
  RowFormat::store(row, format.offset(5), line.price);
  RowFormat::store(row, format.offset(6), line.quantity);
}

/// Lines of a customer, by a few from all over the range.
double mean_lines(const SyntheticRetailer& retailer) {
  const std::int64_t sampled = std::min<std::int64_t>(1000, retailer.params().customers);
  std::vector<SyntheticRetailer::Line> lines;
  for (std::int64_t i = 0; i < sampled; ++i)
    retailer.purchases(retailer.customer(i * (retailer.params().customers / sampled)), lines);
  return static_cast<double>(lines.size()) / static_cast<double>(std::max<std::int64_t>(1, sampled));
}

/// The rows of some neighbouring shards, of `all` in all. Whose they are is told by a hash of the customer's number,
/// and what a customer did by the number alone: so no row travels or waits, however many there are.
class ShardMaker {
 public:
  ShardMaker(const SyntheticRetailer& retailer, std::int32_t all, const TableLayout& layout, double shard_bytes)
      : retailer_(retailer), all_(all), layout_(layout), room_(static_cast<std::size_t>(growth * shard_bytes)) {}

  [[nodiscard]] std::vector<std::vector<std::byte>> rows(std::int64_t begin, std::int64_t end, Totals& totals) const {
    const std::size_t row_bytes = GenerateJob::packed_bytes(layout_.format);
    std::vector<std::vector<std::byte>> of_shards(static_cast<std::size_t>(end - begin));
    for (std::vector<std::byte>& rows : of_shards) rows.reserve(room_);
    std::vector<SyntheticRetailer::Line> lines;
    for (std::int64_t number = 0; number < retailer_.params().customers; ++number) {
      if (number % customers_between_polls == 0) Stoppable::poll();
      const std::int32_t shard = shard_of_customer(number, all_);
      if (shard < begin || shard >= end) continue;
      const SyntheticRetailer::Customer customer = retailer_.customer(number);
      lines.clear();
      retailer_.purchases(customer, lines);
      totals.add(customer, lines);
      std::vector<std::byte>& out = of_shards[static_cast<std::size_t>(shard - begin)];
      const std::size_t before = out.size();
      out.resize(before + lines.size() * row_bytes);
      for (std::size_t i = 0; i < lines.size(); ++i)
        pack_line(layout_.format, number, lines[i], out.data() + before + i * row_bytes);
    }
    return of_shards;
  }

 private:
  const SyntheticRetailer& retailer_;
  std::int32_t all_;
  const TableLayout& layout_;
  std::size_t room_;
};

/// Collective. Makes a dataset without the detour of text: each rank the shards that are its own.
Totals write_store(const SyntheticRetailer& retailer, const StepContext& step, const Totals& identity) {
  const std::int32_t shards = GenerateJob::store_shards(step.job.shards, retailer.params().customers);
  const std::vector<TableLayout> layouts{GenerateJob::store_layout()};
  const std::int64_t ranks = step.context.comm.size(), rank = step.context.comm.rank();
  const std::int64_t first = shards * rank / ranks, last = shards * (rank + 1) / ranks;
  const double shard_bytes = mean_lines(retailer) * static_cast<double>(retailer.params().customers) / shards *
                             static_cast<double>(GenerateJob::packed_bytes(layouts.front().format));
  const auto [workers, at_once, unused] = GenerateJob::store_work(static_cast<double>(step.context.memory_per_rank),
                                                                  step.context.threads, last - first, shard_bytes);
  Context context = step.context;
  context.threads = workers;

  DatasetBuild build(context, step.dataset(), step.replace, shards);
  Progress progress(context.show_progress, "generating shards", last - first);
  const ShardMaker maker(retailer, shards, layouts.front(), shard_bytes);
  const std::int64_t tasks = (last - first + at_once - 1) / at_once;
  Totals totals = aggregate(context, tasks, identity, [&, stride = at_once](int, Totals& sums, std::int64_t task) {
    const std::int64_t begin = first + task * stride, end = std::min(last, begin + stride);
    std::vector<std::vector<std::byte>> rows = maker.rows(begin, end, sums);
    for (std::int64_t shard = begin; shard < end; ++shard) {
      std::vector<std::byte>& mine = rows[static_cast<std::size_t>(shard - begin)];
      build.write_rows(shard, layouts, mine);
      std::vector<std::byte>().swap(mine);
      progress.advance();
    }
  });
  build.seal(layouts,
             {{.name = "channel",
               .labels = labels(retailer.params().channels, [&](std::int32_t i) { return retailer.channel_label(i); })},
              {.name = "item",
               .labels = labels(retailer.params().items, [&](std::int32_t i) { return retailer.item_label(i); })}},
             {});
  build.publish();
  return totals;
}

}  // namespace

std::string part_name(const char* table, std::int64_t part) {
  return fmt::format("{}-{:04}.csv", table, part);
}

TableLayout GenerateJob::store_layout() {
  std::vector<Column> columns{{.name = "customer", .type = ColumnType::int64},
                              {.name = "time", .type = ColumnType::timestamp, .unit = TimeUnit::second},
                              {.name = "basket", .type = ColumnType::int64},
                              {.name = "channel", .type = ColumnType::category},
                              {.name = "item", .type = ColumnType::category},
                              {.name = "price", .type = ColumnType::decimal, .scale = 2},
                              {.name = "quantity", .type = ColumnType::int32}};
  RowFormat format(columns, false);
  return {.name = "transactions", .events = true, .columns = std::move(columns), .format = std::move(format)};
}

std::size_t GenerateJob::packed_bytes(const RowFormat& format) {
  return (format.fixed_bytes() + 7) / 8 * 8;
}

std::int32_t GenerateJob::store_shards(std::int64_t asked, std::int64_t customers) {
  return static_cast<std::int32_t>(asked > 0 ? asked
                                             : std::clamp<std::int64_t>(customers / customers_per_shard, 16, 4096));
}

/// More shards at once look fewer times at all customers; a few tasks a thread keep threads busy to the end.
GenerateJob::StoreWork GenerateJob::store_work(double memory_per_rank, int threads, std::int64_t shards,
                                               double shard_bytes) {
  constexpr double share = 0.7;      // of memory_per_rank
  constexpr double in_making = 2.5;  // of a shard's rows: their index and the columns they become
  constexpr std::int64_t tasks = 4;  // a thread
  const double memory = share * memory_per_rank / std::max(1.0, shard_bytes);  // in shards
  StoreWork work;
  work.workers = static_cast<int>(std::clamp(memory / (in_making + growth), 1.0, static_cast<double>(threads)));
  const double room = (memory / work.workers - in_making) / growth;
  work.at_once = std::max<std::int64_t>(
      1, std::min(static_cast<std::int64_t>(std::min(room, 1e9)), shards / (tasks * work.workers)));
  work.memory_bytes = work.workers * (growth * static_cast<double>(work.at_once) + in_making) * shard_bytes;
  return work;
}

void GenerateJob::Params::describe(Fields& f) {
  SyntheticRetailer::Params::describe(f);
  f({.name = "format",
     .text = "csv writes files into the step's folder, store makes the job's dataset",
     .choices = {"csv", "store"}},
    format);
  f({.name = "first_part", .text = "First of the files to write; the others are left out", .range = {0, 1e6}},
    first_part);
  f({.name = "end_part", .text = "The file before which to stop; 0: all", .range = {0, 1e6}}, end_part);
  messy.describe(f);
}

void GenerateJob::Params::check(const ConfigNode& node) const {
  if (first_part >= parts_end() || parts_end() > parts)
    throw node.error(fmt::format("parts {} to {} of {}", first_part, parts_end(), parts),
                     "set first_part < end_part <= parts");
}

StepResult GenerateJob::run(const Params& params, const StepContext& step) {
  std::optional<SyntheticRetailer> retailer;
  std::optional<SyntheticExport> shop;
  collectively(step.context.comm, [&] {
    retailer.emplace(params);
    if (params.messy.any()) shop.emplace(*retailer, params.messy);
    if (shop && params.format == "store")
      throw Error(ExitCode::bad_config, "a store has neither faults nor feedback", "write `format: csv`");
  });
  const Metrics::Phase phase(step.context.metrics, step.context.comm, step.id + "/write");
  const Totals identity{.segments = std::vector<std::int64_t>(static_cast<std::size_t>(params.segments), 0)};
  const Totals totals = shop                     ? write_export(*retailer, *shop, params, step, identity)
                        : params.format == "csv" ? write_csv(*retailer, params, step, identity)
                                                 : write_store(*retailer, step, identity);

  StepResult result;
  result.metrics = {{"customers", params.customers},
                    {"transactions", totals.transactions},
                    {"revenue", static_cast<double>(totals.cents) / 100}};
  ResultTable segments{
      .name = "planted_segments", .title = "Planted segments", .columns = {"segment", "customers"}, .rows = {}};
  for (std::size_t s = 0; s < totals.segments.size(); ++s) segments.rows.push_back({s, totals.segments[s]});
  segments.chart = {{"type", "bar"}, {"x", "segment"}, {"y", {"customers"}}};
  result.tables.push_back(std::move(segments));
  if (shop) result.tables.push_back(fault_table(totals));
  if (retailer->plants().any()) result.tables.push_back(plants_table(*retailer));
  return result;
}

}  // namespace cohort
