// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "jobs/step.hpp"

namespace cohort {

/// All jobs, in the order `cohort list` shows them.
[[nodiscard]] std::span<const JobEntry> registry();
/// The job of this name; throws Error(bad_config), with `place` and the nearest name, when there is none.
[[nodiscard]] const JobEntry& find_job(std::string_view name, std::string_view place);

}  // namespace cohort
