// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cohort {

struct SubmitOptions {
  std::string job_path;
  std::filesystem::path out;
  std::vector<std::string> assignments;  ///< --set
  bool dry_run = false;                  ///< print the scripts, submit nothing
  bool follow = false;                   ///< show the log until the last job has ended, and return its exit code
};

/// Hands a job file to Slurm, as one job for each run of steps with equal needs, each waiting for the one before. What
/// it left is below OUT/.slurm: the job file as submitted, scripts, logs, and the numbers of the jobs. Steps that are
/// finished in OUT are kept. Returns the exit code.
int submit_job(const SubmitOptions& options);
/// Prints a line for each job that was submitted into a folder: number, name, state, exit code.
int show_jobs(const std::filesystem::path& out);
/// Ends the jobs that were submitted into a folder. What they finished, and the last checkpoint, stay.
int cancel_jobs(const std::filesystem::path& out);

}  // namespace cohort
