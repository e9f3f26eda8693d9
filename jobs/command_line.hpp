// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cohort {

/// One call of the program, as parsed.
struct Command {
  std::string verb;
  std::string target;  ///< job file, dataset, job name or run folder
  std::string out;
  std::vector<std::string> assignments;  ///< --set
  std::int64_t ranks = 0;                ///< 0: as launched
  std::int64_t threads = 0;
  std::string until;  ///< id of the last step to run
  bool overwrite = false;
  bool json = false;
  std::string language = "en";  ///< of report.html
  std::int64_t min_cell = 0;    ///< fewest customers a cell of report.html shows
  bool replay = false;          ///< verify a run, not a dataset
  // submit
  bool dry_run = false, follow = false;
  // generate
  std::int64_t customers = 10'000;
  std::string format = "csv";
  // score, evaluate, explain
  std::string model, dataset;
};

/// Parses the command line; on --help, --version and mistakes it prints and returns `exit_code`, else -1 in it.
[[nodiscard]] Command parse_command_line(int argc, char** argv, int& exit_code);

}  // namespace cohort
