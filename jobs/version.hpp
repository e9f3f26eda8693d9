// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace cohort {

/// "cohort 0.1.0 (dataset format 1)": changes whenever results might.
[[nodiscard]] std::string version_text();

}  // namespace cohort
