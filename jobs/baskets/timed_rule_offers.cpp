// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>

#include "algorithms/sequences/timed_offer.hpp"
#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/threads.hpp"
#include "jobs/baskets/offer_source.hpp"
#include "jobs/sequences/sequence_rules_output.hpp"

namespace cohort {
namespace {

/// What the customers of a shard bought before as_of, an element a day.
SequenceDatabase history_of(const StoreBaskets& days, std::int32_t shard, const OfferPeriod& period,
                            const ItemCodes& code_of) {
  SequenceDatabase history;
  std::int64_t customer = -1;
  const auto end_customer = [&] {
    if (history.elements() > history.first_element.back()) history.end_sequence(std::int64_t{shard} << 40 | customer);
  };
  std::vector<std::int32_t> codes;
  BasketRows unused;
  days.read_shard(
      shard,
      [&](int, const BasketOrigin& origin, std::span<const std::int64_t> items) {
        if (origin.customer != customer) end_customer();
        customer = origin.customer;
        if (period.day_of(origin) >= period.as_of) return;
        codes.clear();
        for (const std::int64_t item : items) {
          if (const std::int32_t code = code_of(item); code >= 0) codes.push_back(code);
        }
        history.add_element(period.day_of(origin), codes);
      },
      unused);
  end_customer();
  return history;
}

/// Collective. The same of all this rank's shards.
SequenceDatabase histories(const StoreBaskets& days, const OfferPeriod& period, const ItemCatalogue& items,
                           const Context& context) {
  const std::vector<std::int32_t>& shards = days.rows().shards;
  const std::int64_t limit = context.memory_per_rank / 6;  // mining copies them, with 12 bytes for each 4
  const ItemCodes code_of(items);
  SequenceDatabase all;
  collectively(context.comm, [&] {
    std::vector<SequenceDatabase> of_shard(shards.size());
    std::atomic<std::int64_t> bytes = 0;
    parallel_for(context.threads, std::ssize(shards), [&](int, std::int64_t i) {
      const auto at = static_cast<std::size_t>(i);
      const SequenceDatabase history = history_of(days, shards[at], period, code_of);
      of_shard[at] = history;  // a copy has no spare room
      if ((bytes += history.bytes()) <= limit) return;
      throw Error(ExitCode::plan_refused,
                  fmt::format("the histories of this rank need more than {} bytes, a sixth of memory_per_rank", limit),
                  "run on more ranks, give run.memory_per_rank more, or raise min_support");
    });
    all = joined(std::move(of_shard));
    all.n_items = items.size();
  });
  return all;
}

class TimedRuleOffers : public OfferSource {
 public:
  TimedRuleOffers(const TimedRuleParams& timed, const Rules::Params& mining, const NextOffer::Params& offers,
                  const Baskets& mined, const StoreBaskets& days, const OfferPeriod& period, const Context& context)
      : items_(count_items(mined.pass, MinSupport::parse(mining.itemsets.min_support), context)),
        found_(SequenceRules::fit({.within = timed.within,
                                   .min_count = items_.min_count,
                                   .min_confidence = mining.min_confidence,
                                   .min_lift = mining.min_lift,
                                   .max_q_value = mining.max_q_value,
                                   .observed_until = std::min(timed.last_day, period.as_of - 1),
                                   .max_rules = timed.max_rules},
                                  histories(days, period, items_, context), context)),
        finder_(offers, found_, items_.size(), period.as_of) {
    for (const std::int64_t key : items_.keys) labels_.push_back(mined.label(key));
  }

  [[nodiscard]] const ItemCatalogue& items() const override { return items_; }

  [[nodiscard]] std::vector<OfferedRule> rules() const override {
    std::vector<OfferedRule> rules;
    for (const SequenceRules::Rule& rule : found_.rules) {
      const std::string &left = label(rule.antecedent), &right = label(rule.consequent);
      rules.push_back({.item = right,
                       .text = fmt::format("{} -> {}", left, right),
                       .confidence = rule.confidence,
                       .lift = rule.lift,
                       .count = rule.count});
    }
    return rules;
  }

  [[nodiscard]] Search search(const ItemCodes& code_of) const override {
    return [this, &code_of](const OfferCustomer& customer) {
      std::vector<TimedOffer::LastPurchase> bought;
      for (std::size_t i = 0; i < customer.held.size(); ++i) {
        if (const std::int32_t code = code_of(customer.held[i]); code >= 0)
          bought.push_back({code, customer.last_day[i]});
      }
      std::ranges::sort(bought, {}, &TimedOffer::LastPurchase::item);
      return finder_.find(bought);
    };
  }

  void write(const StepContext& step, StepResult& result) const override {
    write_sequence_rules(found_, {.labels = labels_, .sequences = items_.baskets}, step, result);
  }

 private:
  [[nodiscard]] const std::string& label(std::int32_t item) const { return labels_[static_cast<std::size_t>(item)]; }

  ItemCatalogue items_;
  SequenceRules::Result found_;
  TimedOffer finder_;
  std::vector<std::string> labels_;  ///< by code
};

}  // namespace

std::unique_ptr<OfferSource> timed_rule_offers(const TimedRuleParams& timed, const Rules::Params& mining,
                                               const NextOffer::Params& offers, const Baskets& mined,
                                               const StoreBaskets& days, const OfferPeriod& period,
                                               const Context& context) {
  return std::make_unique<TimedRuleOffers>(timed, mining, offers, mined, days, period, context);
}

}  // namespace cohort
