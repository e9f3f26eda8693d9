// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/context.hpp"
#include "core/fields.hpp"

namespace cohort {

/// Collective. What a step cost, for run.json: per phase wall and CPU seconds (mean and slowest rank), calls and bytes;
/// peak memory; host, ranks, threads and versions. Nothing of it may enter result.json.
[[nodiscard]] Json run_record(const Context& context);

}  // namespace cohort
