// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/rules_matcher.hpp"
#include "jobs/baskets/offer_source.hpp"
#include "jobs/baskets/rules_output.hpp"

namespace cohort {
namespace {

class BasketRuleOffers : public OfferSource {
 public:
  BasketRuleOffers(const Rules::Params& mining, const NextOffer::Params& offers, const Baskets& mined,
                   const Context& context)
      : mined_(mined),
        model_(Rules::fit(mining, mined.pass, context, mined.parents)),
        book_(gather_rules(model_, context)),
        finder_(offers, book_, model_.itemsets.items.size()) {}

  [[nodiscard]] const ItemCatalogue& items() const override { return model_.itemsets.items; }

  [[nodiscard]] std::vector<OfferedRule> rules() const override {
    const RuleTexts texts(book_, items(), mined_);
    std::vector<OfferedRule> rules;
    for (std::int64_t rule = 0; rule < book_.size(); ++rule) {
      const RuleCounts& counts = book_.counts[static_cast<std::size_t>(rule)];
      const RuleMeasures m = measure(counts);
      rules.push_back({.item = texts.right(rule),
                       .text = fmt::format("{} => {}", texts.left(rule), texts.right(rule)),
                       .confidence = m.confidence,
                       .lift = m.lift,
                       .count = counts.both});
    }
    return rules;
  }

  [[nodiscard]] Search search(const ItemCodes& code_of) const override {
    return [this, &code_of, marks = finder_.marks()](const OfferCustomer& customer) mutable {
      return finder_.find(codes_of(customer.held, code_of), codes_of(customer.basis, code_of), marks);
    };
  }

  void write(const StepContext& step, StepResult& result) const override {
    write_rules(model_, mined_, step);
    result.tables.push_back(top_rules(model_, mined_, step.context.comm));
  }

 private:
  const Baskets& mined_;
  Rules::Model model_;
  RuleBook book_;
  NextOffer finder_;
};

}  // namespace

std::unique_ptr<OfferSource> basket_rule_offers(const Rules::Params& mining, const NextOffer::Params& offers,
                                                const Baskets& mined, const Context& context) {
  return std::make_unique<BasketRuleOffers>(mining, offers, mined, context);
}

}  // namespace cohort
