// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace cohort {

/// Runs the job of a finished run again on another number of ranks (`ranks`, or one more than before for 0), from what
/// its run.json recorded, and compares every file whose bytes are promised. Returns 0 if all are equal, 70 if not.
int replay_run(const std::filesystem::path& out, int ranks);

}  // namespace cohort
