// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace cohort {

/// Starts this program again as `ranks` MPI ranks on this machine, waits, and returns the exit code: the ranks' own, or
/// 15 when a rank died, after saying where that rank last was.
int run_under_mpirun(int ranks, const std::vector<std::string>& arguments);

}  // namespace cohort
