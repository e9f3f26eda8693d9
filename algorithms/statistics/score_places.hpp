// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/context.hpp"

namespace cohort {

/// Collective. The place of each score among all ranks' scores, the highest first: 1 + how many are higher; equal
/// scores share a place. `scores` holds this rank's, block by block, and so does the result. A score travels to one of
/// some 2,000 parts of about equal size, and its place back: 32 bytes there and 24 back; one that many rows share stays
/// where it is.
[[nodiscard]] std::vector<std::vector<std::int64_t>> places_of(const std::vector<std::vector<double>>& scores,
                                                               const std::string& spill_folder, const Context& context);

}  // namespace cohort
