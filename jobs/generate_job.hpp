// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/synthetic/synthetic_export.hpp"
#include "algorithms/synthetic/synthetic_retailer.hpp"
#include "jobs/plan/forecast.hpp"
#include "jobs/plan/step_plan.hpp"
#include "jobs/step.hpp"

namespace cohort {

class RowFormat;
struct TableLayout;

/// What each part's files are called.
[[nodiscard]] std::string part_name(const char* table, std::int64_t part);

/// A synthetic retailer, with the truth beside it.
struct GenerateJob {
  struct Params : SyntheticRetailer::Params {
    std::string format = "csv";
    std::int64_t first_part = 0, end_part = 0;
    SyntheticExport::Params messy;
    void describe(Fields& f);
    void check(const ConfigNode& node) const;
    [[nodiscard]] std::int64_t parts_end() const { return end_part > 0 ? end_part : parts; }
  };
  static constexpr std::string_view name = "generate";
  static constexpr std::string_view summary =
      "Makes customers and transactions of a synthetic retailer whose truth is known.";
  static constexpr std::string_view notes =
      "Purchases by BG/NBD (Fader, Hardie and Lee 2005), spend by Gamma-Gamma, items by Zipf's law. A customer "
      "depends on the parameters and their own number alone. Memory: one part's text, or run.memory_per_rank for a "
      "store.";

  static StepResult run(const Params& params, const StepContext& step);
  static StepPlan plan(const Params& params, Forecast& forecast);

  /// How a rank makes the shards that are its own: each of `workers` threads some `at_once`.
  struct StoreWork {
    int workers = 1;
    std::int64_t at_once = 1;
    double memory_bytes = 0;
  };
  /// Of `shards` shards a rank, of `shard_bytes` bytes of rows each.
  [[nodiscard]] static StoreWork store_work(double memory_per_rank, int threads, std::int64_t shards,
                                            double shard_bytes);
  /// The events' table, laid out as an ingest of the CSV files with these types would: time first, the rest by name.
  [[nodiscard]] static TableLayout store_layout();
  [[nodiscard]] static std::size_t packed_bytes(const RowFormat& format);  ///< of a row
  /// Shards of a store of so many customers; `asked` of them if that is not 0.
  [[nodiscard]] static std::int32_t store_shards(std::int64_t asked, std::int64_t customers);
};

}  // namespace cohort
