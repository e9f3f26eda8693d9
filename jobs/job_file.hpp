// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/config_node.hpp"
#include "core/fields.hpp"
#include "jobs/batch/slurm_settings.hpp"

namespace cohort {

/// The `run:` block: what holds for every step.
struct RunSettings {
  std::string name = "job";
  std::int64_t random_state = 0;
  std::string memory_per_rank;  ///< "4GiB"; empty: 80 % of what the node gives the rank
  std::int64_t threads = 0;     ///< 0: the cores of the node divided by its ranks
  std::string isa;
  double checkpoint_every = 300;  ///< seconds
  double comm_timeout = 600;      ///< seconds

  void describe(Fields& f);
};

/// One step as written: which job, under which id, with which keys (not yet read).
struct StepEntry {
  std::string id;
  std::string job;
  ConfigNode parameters;
};

struct JobFile {
  RunSettings run;
  SlurmSettings slurm;
  std::string dataset = "data.cohort";  ///< relative to --out, or absolute
  std::int64_t shards = 0;              ///< 0: from the data's size
  std::vector<StepEntry> steps;
  std::vector<std::string> notes;  ///< aliases that were used

  [[nodiscard]] std::filesystem::path dataset_folder(const std::filesystem::path& out) const {
    return out / std::filesystem::path(dataset);
  }
};

/// Reads a job file's text and applies `--set` assignments ("kmeans.n_clusters=8", "run.threads=2", "dataset=x").
/// Throws Error(bad_config) naming file, line and column.
[[nodiscard]] JobFile parse_job(const std::string& text, const std::string& source,
                                const std::vector<std::string>& assignments);

/// "512MiB", "4GiB", "2e9", plain bytes. Throws Error(bad_config).
[[nodiscard]] std::int64_t parse_bytes(const std::string& text);

}  // namespace cohort
