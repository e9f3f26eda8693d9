// SPDX-License-Identifier: Apache-2.0
// Times what no job's run.json shows alone. Prints one JSON line: {"seconds", "cpu_s", and what a peer must agree on}.
//   kernel_bench csv_parse THREADS FILE...         the generator's transactions, every column typed
//   kernel_bench scan      THREADS DATASET         four event columns decoded and summed
//   kernel_bench moments   THREADS DATASET         quantity and price of the events
//   kernel_bench quantiles THREADS DATASET         the same columns at 1, 25, 50, 75 and 99 %
//   kernel_bench points    FILE ROWS COLUMNS SEED  writes float32 rows around 50 centres
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <functional>
#include <iostream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>

#include "algorithms/statistics/moments.hpp"
#include "algorithms/statistics/quantiles.hpp"
#include "core/communicator.hpp"
#include "core/context.hpp"
#include "core/error.hpp"
#include "core/label_table.hpp"
#include "core/memory.hpp"
#include "core/random.hpp"
#include "core/threads.hpp"
#include "io/store/event_table.hpp"
#include "io/store/numeric_table.hpp"
#include "io/text/csv_header.hpp"
#include "io/text/csv_records.hpp"
#include "io/text/csv_unit_reader.hpp"
#include "io/text/text_parse.hpp"

namespace cohort {
namespace {

using Json = nlohmann::ordered_json;

constexpr int repeats = 3;
constexpr std::size_t batch_rows = 2048;

/// The best of a few runs: the others met a neighbour, or a cold cache.
template <class Work>
Json best_of(const Work& work) {
  Json best;
  for (int i = 0; i < repeats; ++i) {
    const double cpu_start = process_cpu_seconds();
    const auto start = std::chrono::steady_clock::now();
    Json result = work();
    result["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    result["cpu_s"] = process_cpu_seconds() - cpu_start;
    if (best.is_null() || result["seconds"] < best["seconds"]) best = std::move(result);
  }
  return best;
}

const std::vector<Column> csv_columns{{.name = "invoice", .type = ColumnType::int64},
                                      {.name = "customer", .type = ColumnType::int64},
                                      {.name = "time", .type = ColumnType::timestamp},
                                      {.name = "quantity", .type = ColumnType::int32},
                                      {.name = "price", .type = ColumnType::decimal, .scale = 2},
                                      {.name = "item", .type = ColumnType::category},
                                      {.name = "channel", .type = ColumnType::category}};
constexpr std::size_t first_label = 5;

/// What one thread saw: sums of the typed columns, and the distinct labels.
struct CsvTotals {
  std::int64_t rows = 0, bad = 0;
  std::array<std::int64_t, first_label> sums{};
  std::array<LabelTable, 2> labels;

  template <class T>
  void add(std::size_t column, const CsvBatch& batch, std::vector<T>& values) {
    static thread_local std::vector<ParseStatus> statuses(batch_rows);
    static const TimeFormat format("%Y-%m-%d %H:%M:%S"), none;
    const Column& type = csv_columns[column];
    bad += parse_column(type, type.type == ColumnType::timestamp ? format : none,
                        std::span(batch.columns[column]).first(batch.rows), values.data(), statuses.data());
    constexpr std::int64_t second = 1'000'000;  // in microseconds
    const bool is_time = type.type == ColumnType::timestamp;
    for (std::size_t i = 0; i < batch.rows; ++i) sums[column] += is_time ? values[i] / second : values[i];
  }
  void add(const CsvBatch& batch) {
    static thread_local std::vector<std::int32_t> narrow(batch_rows);
    static thread_local std::vector<std::int64_t> wide(batch_rows);
    rows += static_cast<std::int64_t>(batch.rows);
    bad += std::ssize(batch.ragged);
    for (std::size_t c = 0; c < first_label; ++c)
      storage_of(csv_columns[c].type) == Storage::int32 ? add(c, batch, narrow) : add(c, batch, wide);
    for (std::size_t l = 0; l < labels.size(); ++l) {
      for (std::size_t i = 0; i < batch.rows; ++i) (void)labels[l].number_of(batch.columns[first_label + l][i]);
    }
  }
};

Json csv_parse(int threads, const std::vector<std::string>& paths) {
  std::vector<CsvFile> files;
  for (const std::string& path : paths) files.push_back(CsvFile::look_at(path));
  const CsvSource source(std::move(files));
  const auto units = std::ssize(source.units());
  std::vector<CsvUnitScan> scans(source.units().size());
  parallel_for(threads, units, [&](int, std::int64_t u) {
    scans[static_cast<std::size_t>(u)] = source.scan(static_cast<std::size_t>(u));
  });
  const std::vector<CsvUnitPlan> plans = source.plan(scans);
  const CsvHeader header(paths[0], read_csv_header(source, 0), ',');
  std::vector<std::string> names;
  for (const Column& column : csv_columns) names.push_back(column.name);
  const std::vector<std::size_t> positions = header.find(names);
  std::vector<CsvTotals> totals(static_cast<std::size_t>(threads));
  std::vector<std::string> buffers(totals.size());
  parallel_for(threads, units, [&](int worker, std::int64_t u) {
    const auto unit = static_cast<std::size_t>(u);
    CsvUnitReader reader(source, unit, plans[unit]);
    CsvRecords records(',', header.names().size(), positions);
    std::string& buffer = buffers[static_cast<std::size_t>(worker)];
    CsvSpan span;
    CsvBatch batch;
    while (reader.next(buffer, span)) {
      records.start(span);
      while (records.next_batch(batch, batch_rows)) totals[static_cast<std::size_t>(worker)].add(batch);
    }
  });
  CsvTotals all;
  for (const CsvTotals& t : totals) {
    all.rows += t.rows;
    all.bad += t.bad;
    std::transform(t.sums.begin(), t.sums.end(), all.sums.begin(), all.sums.begin(), std::plus());
  }
  return {{"rows", all.rows}, {"bad", all.bad}, {"sums", all.sums}};
}

std::vector<std::int32_t> all_shards(const Manifest& manifest) {
  std::vector<std::int32_t> shards(manifest.shards.size());
  std::iota(shards.begin(), shards.end(), 0);
  return shards;
}

[[gnu::target_clones("avx512f", "avx2", "default")]] std::int64_t sum_of(const ColumnView& view) {
  return std::accumulate(view.int32s.begin(), view.int32s.end(), std::int64_t{0}) +
         std::accumulate(view.int64s.begin(), view.int64s.end(), std::int64_t{0});
}

Json scan(int threads, const std::string& folder) {
  const Manifest manifest = load_manifest(folder);
  const ShardEventTable events(manifest, folder, all_shards(manifest), "transactions",
                               {"time", "basket", "quantity", "price"});
  std::array<std::int64_t, 4> sums{};
  std::mutex mutex;
  std::vector<std::unique_ptr<EventTable::Reader>> readers(static_cast<std::size_t>(threads));
  parallel_for(threads, std::ssize(events.blocks()), [&](int worker, std::int64_t block) {
    auto& reader = readers[static_cast<std::size_t>(worker)];
    if (!reader) reader = events.reader();
    std::array<std::int64_t, 4> mine{};
    reader->read(block, [&](const EventTile& tile) {
      for (std::size_t c = 0; c < mine.size(); ++c) mine[c] += sum_of(tile.columns[c]);
    });
    const std::lock_guard lock(mutex);
    for (std::size_t c = 0; c < mine.size(); ++c) sums[c] += mine[c];
  });
  return {{"rows", total_rows(manifest, table_index(manifest, "transactions"))}, {"sums", sums}};
}

/// Calls work(table, context) on quantity and price of all events.
template <class Work>
Json on_events(int threads, const std::string& folder, const Work& work) {
  Communicator comm;
  return best_of([&] {
    Metrics metrics;
    const Context context{
        .comm = comm, .metrics = metrics, .threads = threads, .memory_per_rank = std::int64_t{1} << 34};
    const Manifest manifest = load_manifest(folder);
    const ShardNumericTable table(manifest, folder, all_shards(manifest), {"quantity", "price"}, "transactions");
    return work(table, context);
  });
}

Json moments(const NumericTable& table, const Context& context) {
  std::vector<double> values;
  for (const ColumnMoments& m : moments_of(table, context))
    values.insert(values.end(), {m.mean, m.sample_sd(), m.min, m.max});
  return {{"rows", table.total_rows()}, {"values", values}};
}

Json quantiles(const NumericTable& table, const Context& context) {
  std::vector<double> values;
  for (const std::vector<double>& column : quantiles_of(table, {0.01, 0.25, 0.5, 0.75, 0.99}, context))
    values.insert(values.end(), column.begin(), column.end());
  return {{"rows", table.total_rows()}, {"values", values}};
}

void write_points(const std::string& path, std::int64_t rows, std::size_t columns, std::uint64_t seed) {
  constexpr std::int64_t centres = 50;
  constexpr double spread = 1.5;
  std::vector<std::vector<double>> centre(centres, std::vector<double>(columns));
  RandomStream place(seed, "centres", 0);
  for (std::vector<double>& one : centre) {
    for (double& x : one) x = spread * place.normal();
  }
  std::ofstream file(path, std::ios::binary);
  std::vector<float> row(columns);
  RandomStream random(seed, "points", 0);
  for (std::int64_t i = 0; i < rows; ++i) {
    const std::vector<double>& mine = centre[static_cast<std::size_t>(random.below(centres))];
    for (std::size_t j = 0; j < columns; ++j) row[j] = static_cast<float>(mine[j] + random.normal());
    file.write(reinterpret_cast<const char*>(row.data()), static_cast<std::streamsize>(columns * sizeof(float)));
  }
  if (!file.flush()) throw Error(ExitCode::io_error, "cannot write " + path, "look for room on the disk");
}

int run(const std::vector<std::string>& words) {
  const std::string kernel = words.size() > 2 ? words[0] : "";
  if (kernel == "points" && words.size() == 5) {
    write_points(words[1], std::stoll(words[2]), std::stoull(words[3]), std::stoull(words[4]));
    return 0;
  }
  Json result;
  const int threads = words.size() > 2 ? std::stoi(words[1]) : 0;
  if (kernel == "csv_parse") result = best_of([&] { return csv_parse(threads, {words.begin() + 2, words.end()}); });
  if (kernel == "scan") result = best_of([&] { return scan(threads, words[2]); });
  if (kernel == "moments") result = on_events(threads, words[2], moments);
  if (kernel == "quantiles") result = on_events(threads, words[2], quantiles);
  if (result.is_null()) {
    std::cerr << "usage: kernel_bench csv_parse|scan|moments|quantiles THREADS PATH...\n";
    return static_cast<int>(ExitCode::usage);
  }
  std::cout << result.dump() << '\n';
  return 0;
}

}  // namespace
}  // namespace cohort

int main(int argc, char** argv) {
  cohort::keep_freed_memory();  // as the program does
  try {
    return cohort::run({argv + 1, argv + argc});
  } catch (const cohort::Error& error) {
    std::cerr << error.what() << '\n';
    return static_cast<int>(error.code());
  }
}
