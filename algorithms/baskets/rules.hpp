// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/baskets/itemsets.hpp"
#include "algorithms/baskets/rules_measures.hpp"

namespace cohort {

/// Rules "baskets with X have y" of frequent sets, with one item on the right (arules' and Borgelt's form).
struct Rules {
  struct Params {
    Itemsets::Params itemsets{.min_support = "0.001", .max_len = 10};
    double min_confidence = 0.5;
    double min_lift = 0;
    std::int64_t min_len = 1;
    double max_q_value = 1;
    bool remove_redundant = false;

    void describe(Fields& f);
    void check() const;
  };

  /// A rule: the set it was made of, by number in this rank's sets, and which of its items stands on the right.
  struct Rule {
    std::int64_t set = 0;
    std::int32_t position = 0;
    RuleCounts counts;
    double p_fisher = 1, q_value = 1;
  };

  struct Model {
    Itemsets::Model itemsets;
    std::vector<Rule> rules;      ///< of this rank's sets, in their order
    std::int64_t total = 0;       ///< over all ranks
    std::int64_t hypotheses = 0;  ///< tests that the q-values correct for
  };

  /// Collective. Each rank keeps the rules of its own sets; it asks the ranks that hold the left sides for their
  /// counts. With `parents`, levels are mined together: no rule holds an item and a category of it.
  static Model fit(const Params& params, const BasketPass& baskets, const Context& context,
                   const ItemParents& parents = {});
};

}  // namespace cohort
