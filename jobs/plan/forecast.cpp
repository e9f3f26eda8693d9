// SPDX-License-Identifier: Apache-2.0
#include "jobs/plan/forecast.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "algorithms/statistics/quantiles.hpp"
#include "io/store/event_table.hpp"
#include "io/store/manifest.hpp"

namespace cohort {
namespace fs = std::filesystem;
namespace {

PlannedTable planned(const Manifest& manifest, std::size_t table) {
  return {.rows = static_cast<double>(total_rows(manifest, table)),
          .columns = manifest.tables[table].columns,
          .shards = std::max(1.0, static_cast<double>(manifest.shards.size()))};
}

bool has_manifest(const fs::path& folder) {
  return fs::exists(folder / manifest_name);
}

}  // namespace

double PlannedTable::numbers() const {
  return static_cast<double>(std::count_if(columns.begin() + 1, columns.end(), [](const Column& column) {
    return column.type != ColumnType::text && column.type != ColumnType::category && !column.name.ends_with("_offset");
  }));
}

void Forecast::look_at_dataset() {
  const fs::path folder = job.dataset_folder(out);
  if (dataset || !has_manifest(folder)) return;
  const Manifest manifest = load_manifest(folder.string());
  dataset.emplace(PlannedDataset{.customers = planned(manifest, 0), .events = {}});
  for (std::size_t t = 1; t < manifest.tables.size(); ++t)
    dataset->events[manifest.tables[t].name] = planned(manifest, t);
}

const PlannedTable* Forecast::table(const std::string& input) {
  if (input == "dataset") {
    look_at_dataset();
    return dataset ? &dataset->customers : nullptr;
  }
  if (const auto known = tables.find(input); known != tables.end()) return &known->second;
  for (const fs::path& folder : {out / input / "table", fs::path(input)}) {
    if (has_manifest(folder)) return &(tables[input] = planned(load_manifest(folder.string()), 0));
  }
  return nullptr;
}

const PlannedTable* Forecast::events(const std::string& name) {
  look_at_dataset();
  if (!dataset) return nullptr;
  const auto found = dataset->events.find(name);
  return found == dataset->events.end() ? nullptr : &found->second;
}

ShuffleCost shuffle_cost(const Forecast& forecast, double packed_bytes, double rows, double shards, double share) {
  // As core/repartition: half of its memory holds waiting records, an eighth travels in a round.
  const double memory = forecast.memory_per_rank * share, here = packed_bytes / forecast.ranks;
  const double waiting = std::min(here, memory / 2);
  const double round = std::min(here, std::max(memory / 8, packed_bytes / shards));
  const double away = (forecast.ranks - 1) / forecast.ranks;
  const double in_round = here > memory / 2 ? round * (1 + away) : 2 * round * away;
  const double building = rows / shards * (60 + packed_bytes / std::max(1.0, rows));
  const double built_at_once = std::min(forecast.threads, std::max(1.0, shards / forecast.ranks));
  return {.memory_bytes = waiting + in_round + built_at_once * building,
          .payload_bytes = packed_bytes * away,
          .spill_bytes = here > memory / 2 ? packed_bytes : 0};
}

QuantileCost quantile_cost(const Forecast& forecast, double rows, double columns, double probabilities, double tied) {
  // As algorithms/statistics/quantiles: histograms, first of each column, then under each prefix that something is
  // sought in, until few values are left. 12 bits of a key are its sign and exponent, alike for most; of the others
  // each halves what is left beside a quantile. Values that are tied stay together to the last bit.
  constexpr double fewest = 4, most_bytes = 64 << 20, alike_bits = 12, last_bit = 64;
  const double sought = columns * std::min(probabilities, 26.0), tied_values = rows * tied / 2;
  double left = rows * columns, buckets = columns, memory = 0, payload = 0, bits = 0;
  for (; bits < last_bit && left > few_quantile_values; buckets = sought) {
    const int digit = quantile_digit_bits(std::llround(left), std::llround(buckets));
    const double histogram = std::ldexp(sizeof(std::int64_t), digit);
    const double room = std::min(forecast.memory_per_rank / 16 / forecast.threads, most_bytes);
    memory = std::max(memory, std::min(buckets, std::max(fewest, room / histogram)) * histogram);
    payload += buckets * histogram * forecast.ranks;
    bits += digit;
    const double near = std::min(1.0, probabilities * std::exp2(alike_bits - bits));
    left = std::max(rows * columns * near, tied_values);
  }
  // States of the threads, their sum, the message; measured.
  const double copies = (4 + 1.2 * forecast.threads) * (tied > 0 ? 1.3 : 1);
  return {.memory_bytes = memory * copies, .payload_bytes = payload, .cpu_s = payload * 4e-9};
}

}  // namespace cohort
