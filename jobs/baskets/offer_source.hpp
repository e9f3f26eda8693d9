// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "algorithms/baskets/next_offer.hpp"
#include "algorithms/baskets/rules.hpp"
#include "jobs/baskets/basket_source.hpp"
#include "jobs/baskets/offer_customers.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// A rule in the words and figures of offers.csv.
struct OfferedRule {
  std::string item;  ///< that it offers
  std::string text;
  double confidence = 0, lift = 0;
  std::int64_t count = 0;
};

/// Rules, of whatever kind, that say what to offer whom; the same on all ranks.
class OfferSource {
 public:
  /// Finds the offers of one customer after another.
  using Search = std::function<std::vector<Offer>(const OfferCustomer&)>;

  virtual ~OfferSource() = default;
  [[nodiscard]] virtual const ItemCatalogue& items() const = 0;
  /// By number, as offers name them and rules.csv lists them, from 0.
  [[nodiscard]] virtual std::vector<OfferedRule> rules() const = 0;
  /// For one thread; refers to this and to the codes of `items()`.
  [[nodiscard]] virtual Search search(const ItemCodes& code_of) const = 0;
  /// Collective. Writes the rules and says what there is to say of them.
  virtual void write(const StepContext& step, StepResult& result) const = 0;
};

/// Collective. Rules "baskets with X have y" of the baskets in `mined`, which stay where they are.
[[nodiscard]] std::unique_ptr<OfferSource> basket_rule_offers(const Rules::Params& mining,
                                                              const NextOffer::Params& offers, const Baskets& mined,
                                                              const Context& context);

/// Rules "A, then C within B" of what customers bought before `period.as_of`, day by day.
struct TimedRuleParams {
  std::int64_t within = 0;  ///< days
  std::int64_t max_rules = 10000;
  std::int64_t last_day = 0;  ///< that anything is known of
};

/// Collective. `mined` are customers' whole baskets before as_of, `days` the baskets of all their days. Throws
/// Error(plan_refused) on all ranks when histories or rules do not fit.
[[nodiscard]] std::unique_ptr<OfferSource> timed_rule_offers(const TimedRuleParams& timed, const Rules::Params& mining,
                                                             const NextOffer::Params& offers, const Baskets& mined,
                                                             const StoreBaskets& days, const OfferPeriod& period,
                                                             const Context& context);

}  // namespace cohort
