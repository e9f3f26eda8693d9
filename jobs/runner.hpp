// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/communicator.hpp"
#include "io/report/report.hpp"
#include "jobs/job_file.hpp"

namespace cohort {

struct RunOptions {
  std::string job_path;
  std::string job_text;  ///< the job itself where there is no file
  std::filesystem::path out;
  std::vector<std::string> assignments;  ///< --set
  std::int64_t threads = 0;              ///< --threads; 0: as the job file says
  std::string until;                     ///< id of the last step to run; empty: all
  bool overwrite = false;
  bool resume = false;
  ReportOptions report;  ///< --lang, --min-cell
};

/// Reads and checks a whole job file, every step's keys included, without touching data.
[[nodiscard]] JobFile validate_job(const std::string& text, const std::string& path,
                                   const std::vector<std::string>& assignments);

/// Collective. Runs the steps of a job file in order, or with `resume` from the first that is missing or changed. Each
/// step's folder appears whole or not at all. Returns the path of the last step's result.json.
std::filesystem::path run_job(Communicator& comm, const RunOptions& options);

}  // namespace cohort
