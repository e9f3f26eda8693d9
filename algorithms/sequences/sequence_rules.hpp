// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "algorithms/sequences/sequence_database.hpp"
#include "core/context.hpp"

namespace cohort {

/// Rules "A, then C within B". A purchase is an item of an element; it is followed by C if the same customer has C in a
/// later element at most `within` later. Purchases whose window reaches beyond `observed_until` say nothing and are
/// left out. confidence = share of the purchases of A followed by C; lift = confidence / share of all purchases
/// followed by C, the base rate in the same window.
///
/// The p-value asks whether A is followed by C no more often than any purchase: the larger of Fisher's exact test over
/// purchases and a test of the customers' sums, which holds where one customer's purchases are alike (Liang and Zeger,
/// Biometrika 1986). q-values: Benjamini and Hochberg, JRSS B 1995, over all ordered pairs of frequent items.
struct SequenceRules {
  struct Params {
    std::int64_t within = 0;
    std::int64_t min_count = 1;  ///< customers with A, then C within
    double min_confidence = 0, min_lift = 0, max_q_value = 1;
    std::int64_t observed_until = std::numeric_limits<std::int64_t>::max();
    std::int64_t max_rules = 10000;  ///< more than this: Error(plan_refused)
  };
  struct Rule {
    std::int32_t antecedent = 0, consequent = 0;
    std::int64_t count = 0;      ///< customers with A, then C within, whether observed in full or not
    std::int64_t purchases = 0;  ///< of A
    std::int64_t followed = 0;   ///< of these, by C
    double confidence = 0, base_rate = 0, lift = 0, p_value = 1, q_value = 1;
    std::int64_t median_gap = 0, p90_gap = 0;  ///< of followed purchases to the next C, up to `gap_unit` - 1 too long
    std::vector<std::int64_t> followed_by;     ///< followed after at most 1, 2, ... gap units
  };
  struct Result {
    std::vector<Rule> rules;        ///< by lift (falling), count (falling), antecedent, consequent
    std::int64_t purchases = 0;     ///< observed in full
    std::int64_t pairs_tested = 0;  ///< what q-values correct for
    std::int64_t within = 0;        ///< the window
    std::int64_t gap_unit = 1;      ///< resolution of gaps: a two-hundredth of `within`, rounded up
  };

  /// Collective. Sequences stay on their rank; sums of five integers a pair travel.
  [[nodiscard]] static Result fit(const Params& params, const SequenceDatabase& sequences, const Context& context);
};

}  // namespace cohort
