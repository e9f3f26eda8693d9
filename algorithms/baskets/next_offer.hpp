// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "algorithms/baskets/rules_matcher.hpp"
#include "core/fields.hpp"
#include "core/parts.hpp"

namespace cohort {

/// What to offer a customer next: the right sides of the rules whose left side they hold.
class NextOffer {
 public:
  struct Params {
    std::int64_t n_offers = 5;
    std::string score = "confidence";
    bool exclude_held = true;

    void describe(Fields& f);
  };
  /// An item, by code, and the rule that says so.
  struct Offer {
    std::int32_t item = 0, rule = 0;
    double score = 0;
  };

  NextOffer(const Params& params, const RuleBook& book, std::int32_t items);

  /// The best offers for who holds `held`, as far as `basis` (both ascending codes) says: each item by its best rule;
  /// ties go to the higher lift, then to the rule that stands first in the book.
  [[nodiscard]] std::vector<Offer> find(std::span<const std::int32_t> held, std::span<const std::int32_t> basis,
                                        RuleMatcher::Marks& marks) const;
  [[nodiscard]] RuleMatcher::Marks marks() const { return matcher_.marks(); }

 private:
  [[nodiscard]] bool better(std::int32_t rule, std::int32_t other) const;

  Params params_;
  const RuleBook* book_;
  RuleMatcher matcher_;
  std::vector<double> scores_, lifts_;
};

/// How offers did in a later period, against as many of the most popular items. All merges are integer sums.
struct OfferBacktest {
  explicit OfferBacktest(std::int64_t n_offers);

  /// A customer who bought `later` (ascending codes) for the first time, and `unknown` more items that are in no
  /// rule. `popular` holds at least as many items as `offers`.
  void add(std::span<const std::int32_t> offers, std::span<const std::int32_t> popular,
           std::span<const std::int32_t> later, std::int64_t unknown);
  void parts(Parts& p);

  /// Counts up to the k-th offer, by k - 1.
  struct AtK {
    std::int64_t offers = 0, hits = 0, customers_hit = 0;
    std::int64_t popular_hits = 0, popular_customers_hit = 0;
    std::int64_t difference_squares = 0;  ///< of hits less popular hits, by customer
  };
  std::vector<AtK> at;
  std::int64_t customers = 0, new_items = 0;
  ExactSums recalls;  ///< by k - 1: of the offers, then of the popular items
};

}  // namespace cohort
