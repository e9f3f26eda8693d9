// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "jobs/job_file.hpp"

namespace cohort {

/// Consecutive steps that run in one Slurm job.
struct SlurmStage {
  std::string name;   ///< of the Slurm job
  std::string until;  ///< id of its last step; empty: to the end
  SlurmNeeds needs;
};

/// The stages of a job: a step with needs of its own ends one and begins another. Throws Error(bad_config) for needs of
/// a step that is not there.
[[nodiscard]] std::vector<SlurmStage> slurm_stages(const JobFile& job);

/// Paths and arguments that a script is written for; all absolute.
struct SlurmCommand {
  std::string program, job_path, out, log_folder;
  std::vector<std::string> assignments;
  bool memory_is_set = false;  ///< by the job file
};

/// The batch script of a stage. It passes the warning before the time limit on to the ranks, and goes back into the
/// queue when they have written a checkpoint (75).
[[nodiscard]] std::string slurm_script(const SlurmSettings& settings, const SlurmStage& stage,
                                       const SlurmCommand& command);

}  // namespace cohort
