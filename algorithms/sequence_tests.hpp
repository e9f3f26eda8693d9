// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cohort {

/// P(X >= hits) for X hits among `drawn` drawn without replacement from `total` of which `marked` are marked: Fisher's
/// exact test, one-sided. 0 <= hits <= min(drawn, marked), both <= total.
[[nodiscard]] double hypergeometric_tail(std::int64_t hits, std::int64_t drawn, std::int64_t marked,
                                         std::int64_t total);

/// P(Z >= z) for a standard normal Z; relative error below 1e-12.
[[nodiscard]] double normal_tail(double z);

/// The q-value of each p-value among `tests` tests, of which those not listed have p = 1 (Benjamini and Hochberg, JRSS
/// B 1995).
[[nodiscard]] std::vector<double> q_values(std::span<const double> p_values, std::int64_t tests);

}  // namespace cohort
