// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "algorithms/synthetic/synthetic_csv.hpp"
#include "jobs/generate_job.hpp"
#include "jobs/ingest/shard_builder.hpp"

namespace cohort {
namespace {

constexpr std::int64_t sample_customers = 1000;

/// A few customers from all over the range, written as the job would write them.
struct Sample {
  explicit Sample(const SyntheticRetailer& retailer)
      : customers(std::min(sample_customers, retailer.params().customers)) {
    const SyntheticCsv csv(retailer);
    std::vector<SyntheticRetailer::Line> bought;
    for (std::int64_t i = 0; i < customers; ++i) {
      const std::int64_t number = i * (retailer.params().customers / customers);
      const SyntheticRetailer::Customer customer = retailer.customer(number);
      bought.clear();
      retailer.purchases(customer, bought);
      lines += static_cast<double>(bought.size());
      for (const SyntheticRetailer::Line& line : bought) csv.append(number, line, sales);
      csv.append_customer(customer, traits);
      csv.append_truth(customer, truth);
    }
    scale = static_cast<double>(retailer.params().customers) / static_cast<double>(customers);
    traits.insert(0, csv.customers_header());
    sales.insert(0, SyntheticCsv::transactions_header);
  }

  std::int64_t customers;
  double lines = 0, scale = 1;
  std::string sales, traits, truth;
};

/// Leaves the files of a kind, of `bytes` each, for a later ingest.
void add_files(Forecast& forecast, const char* kind, const GenerateJob::Params& params, double bytes, double customers,
               const std::string& text) {
  const auto sample = std::make_shared<const std::string>(text);
  for (std::int64_t part = params.first_part; part < params.parts_end(); ++part) {
    forecast.files[forecast.out / forecast.id / part_name(kind, part)] = {
        .bytes = bytes, .customers = customers, .sample = sample};
  }
}

StepPlan plan_csv(const GenerateJob::Params& params, const Sample& sample, Forecast& forecast) {
  constexpr double line_memory = 2 * 48 + 30;  // to be sorted by time; text that grows
  const auto parts = static_cast<double>(params.parts_end() - params.first_part);
  const auto of_part = [&](double amount) { return amount * sample.scale / static_cast<double>(params.parts); };
  const auto sales = static_cast<double>(sample.sales.size()), traits = static_cast<double>(sample.traits.size());
  const double text = of_part(sales + traits + static_cast<double>(sample.truth.size()));
  const double customers = of_part(static_cast<double>(sample.customers)) * parts, lines = of_part(sample.lines);
  const double at_once = std::min(forecast.threads, std::ceil(parts / forecast.ranks));
  add_files(forecast, "transactions", params, of_part(sales), customers, sample.sales);
  add_files(forecast, "customers", params, of_part(traits), customers, sample.traits);
  return {.rows = lines * parts,
          .memory_bytes = Forecast::program_bytes + at_once * (lines * line_memory + text),
          .payload_bytes = 0,
          .disk_bytes = text * parts,
          .time_s = lines * parts * 500e-9 / std::min(forecast.workers(), parts),
          .rows_metric = "transactions",
          .smaller = "set more `parts`, which are made one a thread"};
}

StepPlan plan_store(const Sample& sample, Forecast& forecast) {
  const TableLayout layout = GenerateJob::store_layout();
  const double customers = static_cast<double>(sample.customers) * sample.scale, rows = sample.lines * sample.scale;
  const auto shards = static_cast<double>(GenerateJob::store_shards(forecast.job.shards, std::llround(customers)));
  const auto packed = static_cast<double>(GenerateJob::packed_bytes(layout.format));
  const GenerateJob::StoreWork work =
      GenerateJob::store_work(forecast.memory_per_rank, static_cast<int>(forecast.threads),
                              std::llround(std::ceil(shards / forecast.ranks)), rows * packed / shards);
  forecast.dataset =
      PlannedDataset{.customers = {.rows = customers, .columns = {{.name = "customer_id"}}, .shards = shards},
                     .events = {{layout.name, {.rows = rows, .columns = layout.columns, .shards = shards}}}};
  return {.rows = rows,
          .memory_bytes = Forecast::program_bytes + forecast.threads * Forecast::thread_bytes + work.memory_bytes,
          .payload_bytes = 0,
          .disk_bytes = rows * 18,
          .time_s = rows * 220e-9 / forecast.workers(),
          .rows_metric = "transactions",
          .smaller = "set more `shards`, which are built one a thread",
          .makes_dataset = true};
}

}  // namespace

StepPlan GenerateJob::plan(const Params& params, Forecast& forecast) {
  if (params.messy.any()) return {};  // what faults add is known when they are made
  const Sample sample{SyntheticRetailer(params)};
  return params.format == "csv" ? plan_csv(params, sample, forecast) : plan_store(sample, forecast);
}

}  // namespace cohort
