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

/// fork(), of a child whose end can be waited for even where whoever started this process ignores SIGCHLD; 0 in the
/// child. `what` is told in the Error of a failure.
[[nodiscard]] int fork_child(const std::string& what);

/// Waits for a child to end; its exit code, or 128 + n for signal n.
[[nodiscard]] int wait_for(int child);
/// The same of a status as wait gives it.
[[nodiscard]] int exit_code_of(int status);

}  // namespace cohort
