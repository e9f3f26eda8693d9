// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/basket_source.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "io/durable_file.hpp"
#include "io/store/content_hash.hpp"
#include "io/text/fimi.hpp"
#include "io/text/gzip_stream.hpp"
#include "jobs/customer_rows.hpp"

namespace cohort {
namespace {

std::string path_of(const std::string& path, const std::filesystem::path& out) {
  return std::filesystem::exists(path) ? path : (out / path).string();
}

/// Collective. A file as result.json names it.
Json source_of(const std::string& path, Communicator& comm) {
  std::string hash;
  collectively(comm, [&] {
    if (comm.rank() == 0) hash = file_hash_hex(path);
  });
  comm.broadcast(hash, 0);
  return {{"name", std::filesystem::path(path).filename().string()}, {"hash", hash}, {"bytes", InputFile(path).size()}};
}

/// A text file, plain or gzip, without the byte order mark that some programs begin it with.
std::string read_text(const std::string& path) {
  std::string text;
  if (path.ends_with(".gz")) {
    GzipStream stream(path);
    std::vector<char> buffer(std::size_t{1} << 16);
    for (std::size_t n = stream.read(buffer); n > 0; n = stream.read(buffer)) text.append(buffer.data(), n);
  } else {
    text = read_file(path);
  }
  return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

void open_file(const BasketParams& params, const StepContext& step, Baskets& baskets) {
  const Context& context = step.context;
  const std::string path = path_of(params.input, step.out);
  collectively(context.comm, [&] { static_cast<void>(BasketFile(path, BasketDialect::fimi)); });
  baskets.sources.push_back(source_of(path, context.comm));
  const BasketDialect dialect = params.format == "spmf" ? BasketDialect::spmf : BasketDialect::fimi;
  baskets.pass = [&context, path, dialect, items = baskets.items, rows = baskets.rows](const BasketSink& sink) {
    if (items->is_plain()) {
      BasketFile(path, dialect).read(context.comm.rank(), context.comm.size(), context.threads, sink);
      return;
    }
    std::vector<std::vector<std::int64_t>> mapped(static_cast<std::size_t>(context.threads));
    const auto map = [&](int worker, std::int64_t row, std::span<const std::int64_t> basket) {
      std::vector<std::int64_t>& keys = mapped[static_cast<std::size_t>(worker)];
      keys.clear();
      for (const std::int64_t item : basket) {
        const ItemMap::Fate fate = items->add(item, keys);
        if (fate == ItemMap::Fate::left_out) ++rows->left_out;
        if (fate == ItemMap::Fate::without_category) ++rows->without_category;
      }
      sink(worker, row, keys);
    };
    BasketFile(path, dialect).read(context.comm.rank(), context.comm.size(), context.threads, map);
  };
}

/// Collective. From here on the pass leaves out items in fewer baskets than `min_count`.
void drop_rare_items(Baskets& baskets, std::int64_t min_count, const Context& context) {
  const auto reset = [rows = baskets.rows] {
    for (std::atomic<std::int64_t>* count :
         {&rows->missing, &rows->outside_period, &rows->left_out, &rows->without_category})
      *count = 0;
  };
  BasketPass all = [pass = std::move(baskets.pass), reset](const BasketSink& sink) {
    reset();
    pass(sink);
  };
  if (min_count <= 1) {
    baskets.pass = std::move(all);
    return;
  }
  const ItemCatalogue counted = count_items(all, {.count = min_count}, context);
  const auto kept = std::make_shared<const std::unordered_set<std::int64_t>>(counted.keys.begin(), counted.keys.end());
  baskets.pass = [all = std::move(all), kept, &context](const BasketSink& sink) {
    std::vector<std::vector<std::int64_t>> left(static_cast<std::size_t>(context.threads));
    all([&](int worker, std::int64_t row, std::span<const std::int64_t> basket) {
      std::vector<std::int64_t>& items = left[static_cast<std::size_t>(worker)];
      items.clear();
      std::ranges::copy_if(basket, std::back_inserter(items), [&](std::int64_t item) { return kept->contains(item); });
      sink(worker, row, items);
    });
  };
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
  store.describe(f);
  items.describe(f);
}

void BasketParams::check() const {
  if ((items.level == "item") != items.taxonomy.empty()) {
    throw Error(
        ExitCode::bad_config,
        items.taxonomy.empty() ? fmt::format("level {} needs a taxonomy", items.level)
                               : "a taxonomy says nothing at level item",
        items.taxonomy.empty() ? "name the CSV file as taxonomy" : "set level to one of its columns, or to all");
  }
  if (format != "store" && (!store.from.empty() || !store.until.empty())) {
    throw Error(ExitCode::bad_config, fmt::format("from and until need times, which format {} has not", format),
                "ingest the data and use format store");
  }
}

std::vector<std::string> BasketParams::inputs(const std::filesystem::path& out) const {
  std::vector<std::string> files;
  if (format != "store") files.push_back(path_of(input, out));
  if (!items.taxonomy.empty()) files.push_back(path_of(items.taxonomy, out));
  return files;
}

Baskets open_baskets(const BasketParams& params, const StepContext& step, const std::string& group) {
  const Context& context = step.context;
  Baskets baskets{.sources = Json::array(), .rows = std::make_shared<BasketRows>()};
  std::shared_ptr<StoreBaskets> store;
  if (params.format == "store")
    store = std::make_shared<StoreBaskets>(params.store, open_customer_rows(step, params.input), group, context);
  const std::string taxonomy = params.items.taxonomy.empty() ? "" : path_of(params.items.taxonomy, step.out);
  collectively(context.comm, [&] {
    std::vector<std::string> labels = store ? store->item_labels() : std::vector<std::string>{};
    baskets.numbers = labels.empty() && taxonomy.empty();
    const auto tree = taxonomy.empty() ? nullptr : std::make_shared<const Taxonomy>(taxonomy, read_text(taxonomy));
    baskets.items = std::make_shared<const ItemMap>(params.items, tree, std::move(labels));
  });
  if (store) {
    store->use(baskets.items);
    baskets.store = store;
    baskets.pass = [store, rows = baskets.rows](const BasketSink& sink) {
      const auto hand_over = [&](int worker, const BasketOrigin& origin, std::span<const std::int64_t> items) {
        sink(worker, std::int64_t{origin.shard} << 40 | origin.customer, items);
      };
      store->read(hand_over, *rows);
    };
  } else {
    open_file(params, step, baskets);
  }
  if (!taxonomy.empty()) baskets.sources.push_back(source_of(taxonomy, context.comm));
  if (params.items.across_levels())
    baskets.parents = [items = baskets.items](std::int64_t key) { return items->above(key); };
  if (baskets.sources.empty()) baskets.sources = nullptr;
  drop_rare_items(baskets, params.items.min_item_count, context);
  return baskets;
}

Json basket_metrics(const Baskets& baskets, const ItemCatalogue& items, Communicator& comm) {
  const BasketRows& rows = *baskets.rows;
  std::array<std::int64_t, 4> counts{rows.missing, rows.outside_period, rows.left_out, rows.without_category};
  comm.all_reduce(counts, {});
  return {{"baskets", items.baskets},
          {"items", items.distinct_items},
          {"frequent_items", items.size()},
          {"empty_baskets", items.empty_baskets},
          {"repeated_items", items.repeated_items},
          {"longest_basket", items.longest_basket},
          {"rows_without_item_or_basket", counts[0]},
          {"rows_outside_period", counts[1]},
          {"rows_of_items_left_out", counts[2]},
          {"rows_without_category", counts[3]}};
}

StepPlan plan_baskets(const BasketParams& params, Forecast& forecast, double event_bytes) {
  const double program = Forecast::program_bytes + 4 * 0x1p20;
  StepPlan plan{.smaller = "raise min_support"};
  if (params.format == "store") {
    if (params.input != "dataset") return {};
    const PlannedTable* events = forecast.events(params.store.table);
    if (events == nullptr) return {};
    plan.memory_bytes = program + forecast.threads * Forecast::thread_bytes + events->rows * event_bytes;
    return plan;
  }
  // Copies that other ranks mine make up for the part of the baskets that a rank does not read.
  constexpr double of_text = 2.6, usual_compression = 2.6;
  const std::string path = path_of(params.input, forecast.out);
  const double text = static_cast<double>(InputFile(path).size()) * (path.ends_with(".gz") ? usual_compression : 1);
  plan.memory_bytes = program + text * of_text;
  return plan;
}

}  // namespace cohort
