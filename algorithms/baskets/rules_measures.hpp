// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace cohort {

/// What a rule X -> y is judged by: baskets in all, with X, with y, and with both.
struct RuleCounts {
  std::int64_t baskets = 0, antecedent = 0, consequent = 0, both = 0;
};

/// Measures of a rule in mlxtend's and arules' definitions; from counts alone, so the same on any rank.
struct RuleMeasures {
  double support, confidence, lift, leverage;
  double conviction;  ///< infinite where the rule has no exception
  double zhang, jaccard, kulczynski, imbalance_ratio, cosine, all_confidence, chi2;
};

[[nodiscard]] RuleMeasures measure(const RuleCounts& counts);

/// Probability of at least this many baskets with both, if X and y were independent: Fisher's exact test, one-sided,
/// from Loader's saddle-point form of the hypergeometric (2000), which loses no digits for large counts.
[[nodiscard]] double fisher_p(const RuleCounts& counts);

}  // namespace cohort
