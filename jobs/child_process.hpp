// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace cohort {

/// How a program ended (128 + n for signal n, 127 if there is no such program) and what it printed, errors included.
struct Finished {
  int code = 0;
  std::string output;
};

/// Runs a program found on the PATH, without a shell.
[[nodiscard]] Finished run_and_read(const std::vector<std::string>& words);

/// Waits for a child to end; its exit code, or 128 + n for signal n.
[[nodiscard]] int wait_for(int child);

}  // namespace cohort
