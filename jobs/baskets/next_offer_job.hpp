// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/baskets/next_offer.hpp"
#include "algorithms/baskets/rules.hpp"
#include "jobs/baskets/basket_source.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// What to offer whom, by association rules; or when, too, by rules "A, then C within B".
struct NextOfferJob {
  struct Params {
    BasketParams source;
    Rules::Params mining{.min_confidence = 0.1, .min_lift = 1, .min_len = 2, .max_q_value = 0.05};
    NextOffer::Params offers;
    std::string look_at = "history";
    std::string as_of, horizon;
    std::string within;  ///< empty: association rules
    std::int64_t max_rules = 10000;

    void describe(Fields& f);
    void check(const ConfigNode& node) const;
  };
  static constexpr std::string_view name = "next_offer";
  static constexpr std::string_view summary =
      "Offers each customer what those who bought the same went on to buy, with `within` when they did, and tests the "
      "offers on a later period.";
  static constexpr std::string_view notes =
      "Rules as in the job rules, from the baskets before as_of, on every rank (about 100 bytes a rule); customers "
      "stay where they are. A customer is asked only about rules whose rarest item they hold. Memory: a shard's "
      "offers a thread, 16 bytes an offer. With `within`, rules as in the job sequences, of days: a customer who last "
      "bought A on day t may be offered C until t + within, unless they have bought C since; e days without C have "
      "passed, as_of - 1 being the last. Score: the chance that C still comes, (F(within) - F(e)) / (1 - F(e)), F(g) "
      "the share of purchases of A followed by C within g days (from 201 days on in steps of within / 200, e rounded "
      "down); lift divides it by the share of all purchases that C follows. due: the day by which half of those still "
      "to come have come. Memory: 4 bytes an item and 16 a day and a customer of the rank's histories, up to three "
      "times that for mining, 2 kB a rule and thread, 20 bytes an offer. Histories stay on their rank; what travels is "
      "16 bytes a pair of frequent items and 8 bytes a rule and step of the delay.";

  static std::vector<std::string> inputs(const Params& params, const std::filesystem::path& out);
  static StepResult run(const Params& params, const StepContext& step);
  static StepPlan plan(const Params& params, Forecast& forecast);
};

}  // namespace cohort
