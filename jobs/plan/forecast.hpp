// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/column.hpp"
#include "jobs/job_file.hpp"

namespace cohort {

/// A table as metadata tell it, or as an earlier step of the plan will leave it.
struct PlannedTable {
  double rows = 0;
  std::vector<Column> columns;  ///< the first is the id
  double shards = 1;

  [[nodiscard]] double rows_per_shard() const { return rows / shards; }
  /// Columns of numbers, the id apart.
  [[nodiscard]] double numbers() const;
};

struct PlannedDataset {
  PlannedTable customers;
  std::map<std::string, PlannedTable> events;
};

/// A text file that a step will have written.
struct PlannedFile {
  double bytes = 0;
  double customers = 0;                       ///< of all files of the kind
  std::shared_ptr<const std::string> sample;  ///< its first lines, header included
};

/// What a plan knows of the job so far: each step reads what the ones before it leave and adds its own.
struct Forecast {
  /// Of a rank before it does anything, and what reading and writing tables takes for each thread.
  static constexpr double program_bytes = 29 * 0x1p20, thread_bytes = 7 * 0x1p20;
  static constexpr double step_bytes = 1.4e6;  ///< result.json, run.json and report.html

  const JobFile& job;
  std::filesystem::path out;
  std::string id;  ///< of the step in hand
  double ranks = 1, threads = 1, memory_per_rank = 0;
  std::map<std::string, PlannedTable> tables;  ///< by step
  std::map<std::string, PlannedFile> files;    ///< by path
  std::optional<PlannedDataset> dataset;

  [[nodiscard]] double workers() const { return ranks * threads; }
  /// The table that a step's `input` names: "dataset", an earlier step or a folder; none where nothing is known.
  [[nodiscard]] const PlannedTable* table(const std::string& input);
  /// A table of events of the job's dataset; none where nothing is known.
  [[nodiscard]] const PlannedTable* events(const std::string& name);

 private:
  /// The dataset as its manifest says, unless a step makes it anew.
  void look_at_dataset();
};

/// Memory and payload of the exchange that brings `packed_bytes` of rows into shards and builds them, where `share` of
/// memory_per_rank is for rows on their way.
struct ShuffleCost {
  double memory_bytes = 0, payload_bytes = 0, spill_bytes = 0;
};
[[nodiscard]] ShuffleCost shuffle_cost(const Forecast& forecast, double packed_bytes, double rows, double shards,
                                       double share);

/// What exact quantiles of `rows` rows of `columns` columns cost at so many probabilities; in `tied` of the columns one
/// value, such as 0, is very many rows'.
struct QuantileCost {
  double memory_bytes = 0, payload_bytes = 0, cpu_s = 0;
};
[[nodiscard]] QuantileCost quantile_cost(const Forecast& forecast, double rows, double columns, double probabilities,
                                         double tied = 0);

}  // namespace cohort
