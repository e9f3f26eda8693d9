// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "algorithms/baskets/rules_matcher.hpp"
#include "core/column.hpp"
#include "core/fields.hpp"
#include "core/parts.hpp"

namespace cohort {

/// An item, by code, and the rule that says so.
struct Offer {
  std::int32_t item = 0, rule = 0;
  double score = 0;
  double lift = 0;                   ///< of the rule
  std::int32_t due = missing_int32;  ///< the day it is due, where the rule says when; since 1970-01-01
};

/// What one customer may be offered: each item by its best rule, that of the highest score; ties go to the higher lift,
/// then to the rule of the lowest number.
class OfferChoice {
 public:
  void add(const Offer& offer);
  /// At most `most`, best first.
  [[nodiscard]] std::vector<Offer> best(std::int64_t most) const;

 private:
  std::map<std::int32_t, Offer> of_item_;
};

/// What to offer a customer next: the right sides of the rules whose left side they hold.
class NextOffer {
 public:
  struct Params {
    std::int64_t n_offers = 5;
    std::string score = "confidence";
    bool exclude_held = true;

    void describe(Fields& f);
  };

  NextOffer(const Params& params, const RuleBook& book, std::int32_t items);

  /// The best offers for who holds `held`, as far as `basis` (both ascending codes) says.
  [[nodiscard]] std::vector<Offer> find(std::span<const std::int32_t> held, std::span<const std::int32_t> basis,
                                        RuleMatcher::Marks& marks) const;
  [[nodiscard]] RuleMatcher::Marks marks() const { return matcher_.marks(); }

 private:
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
