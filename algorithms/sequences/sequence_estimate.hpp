// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/baskets/support_guard.hpp"
#include "algorithms/sequences/sequence_database.hpp"
#include "algorithms/sequences/sequences.hpp"
#include "core/context.hpp"

namespace cohort {

/// Collective. The support to ask for instead where a sample shows that there are more than `params.max_patterns`;
/// nothing where it does not. The sample is of sequences, drawn by a hash of their rows.
[[nodiscard]] std::optional<std::int64_t> support_by_sample(const Sequences::Params& params,
                                                            const SequenceDatabase& sequences,
                                                            const SupportSample& sample, const Context& context);

/// Collective. In how many sequences of all ranks each pattern occurs within the constraints; the patterns are equal on
/// all ranks.
[[nodiscard]] std::vector<std::int64_t> count_patterns(std::span<const SequencePattern> patterns,
                                                       const SequenceDatabase& sequences,
                                                       const Sequences::Constraints& constraints,
                                                       const Context& context);

}  // namespace cohort
