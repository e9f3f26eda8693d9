// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "core/communicator.hpp"

namespace cohort {

/// Collective. Looks at what a run needs of the ranks, the nodes and the file system of `folder`; rank 0 prints a line
/// for each finding, and what to change. Returns 0, or 69 if a run could not work here.
int examine_installation(Communicator& comm, const std::filesystem::path& folder);

}  // namespace cohort
