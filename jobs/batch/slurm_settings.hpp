// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/fields.hpp"

namespace cohort {

/// What one Slurm job asks for; 0 and empty: as the cluster's administrator set it, or as the whole run asks for.
struct SlurmNeeds {
  std::int64_t nodes = 0;
  std::int64_t tasks_per_node = 0;
  std::int64_t cpus_per_task = 0;
  std::int64_t minutes = 0;
  std::string memory;  ///< of a node, "64GiB"
  std::string partition, account, constraint;

  void describe(Fields& f);
  /// Takes what is not set here from `run`.
  void inherit(const SlurmNeeds& run);
  bool operator==(const SlurmNeeds&) const = default;
};

/// The `slurm:` block of a job file. It never changes a result.
struct SlurmSettings : SlurmNeeds {
  std::int64_t warning_s = 120;
  std::int64_t requeues = 100;
  std::string launcher = "srun";
  std::string binding = "cores";
  std::string sweep;                        ///< "kmeans.n_clusters=3,4,5"
  std::vector<std::string> setup;           ///< shell lines
  std::map<std::string, SlurmNeeds> steps;  ///< by id, where a step needs other than the run

  void describe(Fields& f);
};

}  // namespace cohort
