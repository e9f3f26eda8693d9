// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/communicator.hpp"

namespace cohort {

/// Collective. q-values of this rank's p-values by Benjamini and Hochberg (JRSS B 1995) among `hypotheses` tests over
/// all ranks; tests that no rank lists count as p = 1. Values are sorted where their range lives, never all on one
/// rank.
[[nodiscard]] std::vector<double> q_values(const std::vector<double>& p_values, std::int64_t hypotheses,
                                           Communicator& comm);

}  // namespace cohort
