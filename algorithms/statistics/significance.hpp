// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cohort {

/// P(Z >= z) for a standard normal Z; relative error below 1e-12.
[[nodiscard]] double normal_tail(double z);

/// Two-sided p-value of McNemar's mid-p test (Fagerland, Lydersen and Laake, BMC Med. Res. Methodol. 2013): of rows on
/// which two answers disagree, `first` and `second` are those that either has right. Exact; some 40 x sqrt(rows) steps.
[[nodiscard]] double mcnemar_mid_p(std::int64_t first, std::int64_t second);

/// The q-value of each p-value among `tests` tests, of which those not listed have p = 1 (Benjamini and Hochberg, JRSS
/// B 1995).
[[nodiscard]] std::vector<double> q_values(std::span<const double> p_values, std::int64_t tests);

}  // namespace cohort
