// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/baskets/next_offer.hpp"
#include "algorithms/sequences/sequence_rules.hpp"

namespace cohort {

/// What to offer a customer and when: the right sides of rules "A, then C within B" for who bought A less than B ago
/// and no C since. Times are days. Offers are made as day `as_of` begins, so as_of - 1 is the last day that is known.
class TimedOffer {
 public:
  /// What a rule still promises of a purchase of A that no C has followed for `elapsed` days.
  struct Outlook {
    double chance = 0;     ///< that C comes within the window: (F(within) - F(elapsed)) / (1 - F(elapsed))
    std::int64_t due = 0;  ///< least days since A by which half of those still to come have come
  };
  /// 0 <= elapsed < rules.within. F is known at multiples of the gap unit: `elapsed` counts as the last one that is
  /// over.
  [[nodiscard]] static Outlook outlook(const SequenceRules::Rule& rule, const SequenceRules::Result& rules,
                                       std::int64_t elapsed);

  /// An item that a customer bought, and the last day they did.
  struct LastPurchase {
    std::int32_t item = 0;
    std::int64_t day = 0;
  };

  /// `rules` stay where they are; their items are below `items`.
  TimedOffer(const NextOffer::Params& params, const SequenceRules::Result& rules, std::int32_t items,
             std::int64_t as_of);

  /// The best offers for who bought these (items ascending, days before as_of). The score is the chance, or for lift
  /// the chance over the rule's base rate.
  [[nodiscard]] std::vector<Offer> find(std::span<const LastPurchase> bought) const;

 private:
  NextOffer::Params params_;
  const SequenceRules::Result* rules_;
  std::int64_t as_of_;
  std::vector<std::vector<std::int32_t>> after_;  ///< rules by left side
};

}  // namespace cohort
