// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/baskets/next_offer.hpp"
#include "jobs/baskets/basket_source.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// What to offer whom, by association rules.
struct NextOfferJob {
  struct Params {
    BasketParams source;
    Rules::Params mining{.min_confidence = 0.1, .min_lift = 1, .min_len = 2, .max_q_value = 0.05};
    NextOffer::Params offers;
    std::string look_at = "history";
    std::string as_of, horizon;

    void describe(Fields& f);
    void check(const ConfigNode& node) const;
  };
  static constexpr std::string_view name = "next_offer";
  static constexpr std::string_view summary =
      "Offers each customer what those who bought the same went on to buy, and tests the offers on a later period.";
  static constexpr std::string_view notes =
      "Rules as in the job rules, from the baskets before as_of, on every rank (about 100 bytes a rule); customers "
      "stay where they are. A customer is asked only about rules whose rarest item they hold. Memory: a shard's "
      "offers a thread, 12 bytes an offer.";

  static std::vector<std::string> inputs(const Params& params, const std::filesystem::path& out);
  static StepResult run(const Params& params, const StepContext& step);
};

}  // namespace cohort
