// SPDX-License-Identifier: Apache-2.0
#include "algorithms/sequences/timed_offer.hpp"

#include <algorithm>

namespace cohort {

TimedOffer::Outlook TimedOffer::outlook(const SequenceRules::Rule& rule, const SequenceRules::Result& rules,
                                        std::int64_t elapsed) {
  const std::int64_t over = elapsed / rules.gap_unit;  // gap units, and so entries of followed_by
  const auto begin = rule.followed_by.begin() + over;
  const std::int64_t came = over == 0 ? 0 : *(begin - 1), to_come = rule.followed_by.back() - came;
  if (to_come == 0) return {};
  const auto half = std::lower_bound(begin, rule.followed_by.end(), came + (to_come + 1) / 2);
  const std::int64_t units = half - rule.followed_by.begin() + 1;
  return {.chance = static_cast<double>(to_come) / static_cast<double>(rule.purchases - came),
          .due = std::min(units * rules.gap_unit, rules.within)};
}

TimedOffer::TimedOffer(const NextOffer::Params& params, const SequenceRules::Result& rules, std::int32_t items,
                       std::int64_t as_of)
    : params_(params), rules_(&rules), as_of_(as_of), after_(static_cast<std::size_t>(items)) {
  for (std::size_t r = 0; r < rules.rules.size(); ++r)
    after_[static_cast<std::size_t>(rules.rules[r].antecedent)].push_back(static_cast<std::int32_t>(r));
}

std::vector<Offer> TimedOffer::find(std::span<const LastPurchase> bought) const {
  OfferChoice choice;
  for (const LastPurchase& left : bought) {
    const std::int64_t elapsed = as_of_ - 1 - left.day;
    if (elapsed >= rules_->within) continue;
    for (const std::int32_t r : after_[static_cast<std::size_t>(left.item)]) {
      const SequenceRules::Rule& rule = rules_->rules[static_cast<std::size_t>(r)];
      const auto right = std::ranges::lower_bound(bought, rule.consequent, {}, &LastPurchase::item);
      const bool held = right != bought.end() && right->item == rule.consequent;
      if (held && (params_.exclude_held || right->day > left.day)) continue;
      const Outlook still = outlook(rule, *rules_, elapsed);
      if (still.chance == 0) continue;
      choice.add({.item = rule.consequent,
                  .rule = r,
                  .score = params_.score == "lift" ? still.chance / rule.base_rate : still.chance,
                  .lift = rule.lift,
                  .due = static_cast<std::int32_t>(left.day + still.due)});
    }
  }
  return choice.best(params_.n_offers);
}

}  // namespace cohort
