// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace cohort {

/// Waits for mpirun, a child of this process, to end; its exit code, or 128 + n for signal n.
/// PMIx 4.2 (of Debian 12) can deadlock in mpirun's own shutdown when one rank aborts while another leaves: a launcher
/// without living ranks that does not end by itself is ended, and the ranks' own exit codes are told instead of its.
[[nodiscard]] int wait_for_mpirun(int mpirun, int ranks);

}  // namespace cohort
