// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/context.hpp"

namespace cohort {

/// Collective. All labels that any rank has, sorted by bytes: the code of a label is its place, so it depends on the
/// labels alone. Equal labels meet on one rank by hash before they travel to all. Throws Error(plan_refused) naming
/// `column` when the labels would take more than an eighth of the memory.
[[nodiscard]] std::vector<std::string> union_of_labels(const Context& context, const std::string& column,
                                                       const std::vector<std::string_view>& mine);

}  // namespace cohort
