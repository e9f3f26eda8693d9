// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace cohort {

/// Ranks of this job on this node, from the launcher's environment; 1 without one.
[[nodiscard]] int ranks_on_node();
/// The node's usable cores divided by its ranks, at least 1.
[[nodiscard]] int default_threads();
/// 80 % of this rank's share of the node's memory (of the control group's limit, where that is lower), bytes.
[[nodiscard]] std::int64_t default_memory();
/// What limits that memory: "the control group" or "the node".
[[nodiscard]] std::string memory_source();
[[nodiscard]] std::string host_name();

}  // namespace cohort
