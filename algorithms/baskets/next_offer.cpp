// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/next_offer.hpp"

#include <algorithm>
#include <map>

namespace cohort {
namespace {

constexpr int customers_bound = 40;  ///< below 2^40 customers, each with a recall of at most 1

/// How many of the first k items were bought, for each k up to `most`.
std::vector<std::int64_t> hits_by_k(std::span<const std::int32_t> items, std::span<const std::int32_t> bought,
                                    std::size_t most) {
  std::vector<std::int64_t> hits(most, 0);
  std::int64_t sum = 0;
  for (std::size_t k = 0; k < most; ++k) {
    if (k < items.size() && std::ranges::binary_search(bought, items[k])) ++sum;
    hits[k] = sum;
  }
  return hits;
}

}  // namespace

void NextOffer::Params::describe(Fields& f) {
  f({.name = "n_offers", .text = "Most offers a customer", .range = {1, 100}, .aliases = {"top_n"}}, n_offers);
  f({.name = "score",
     .text =
         "What the best offer is the highest in: confidence (how likely it is bought) or lift (how much more likely "
         "than by anyone)",
     .choices = {"confidence", "lift"}},
    score);
  f({.name = "exclude_held", .text = "Offer nothing that the customer has bought before"}, exclude_held);
}

NextOffer::NextOffer(const Params& params, const RuleBook& book, std::int32_t items)
    : params_(params), book_(&book), matcher_(book, items) {
  for (const RuleCounts& counts : book.counts) {
    const RuleMeasures m = measure(counts);
    lifts_.push_back(m.lift);
    scores_.push_back(params.score == "lift" ? m.lift : m.confidence);
  }
}

bool NextOffer::better(std::int32_t rule, std::int32_t other) const {
  const auto a = static_cast<std::size_t>(rule), b = static_cast<std::size_t>(other);
  if (scores_[a] != scores_[b]) return scores_[a] > scores_[b];
  if (lifts_[a] != lifts_[b]) return lifts_[a] > lifts_[b];
  return a < b;
}

std::vector<NextOffer::Offer> NextOffer::find(std::span<const std::int32_t> held, std::span<const std::int32_t> basis,
                                              RuleMatcher::Marks& marks) const {
  std::map<std::int32_t, std::int32_t> best;
  matcher_.match(basis, marks, [&](std::int32_t rule) {
    const std::int32_t item = book_->consequents[static_cast<std::size_t>(rule)];
    if (params_.exclude_held && std::ranges::binary_search(held, item)) return;
    const auto [known, fresh] = best.try_emplace(item, rule);
    if (!fresh && better(rule, known->second)) known->second = rule;
  });
  std::vector<Offer> offers;
  for (const auto& [item, rule] : best) offers.push_back({item, rule, scores_[static_cast<std::size_t>(rule)]});
  const auto kept = std::min<std::ptrdiff_t>(params_.n_offers, std::ssize(offers));
  std::partial_sort(offers.begin(), offers.begin() + kept, offers.end(),
                    [&](const Offer& a, const Offer& b) { return better(a.rule, b.rule); });
  offers.resize(static_cast<std::size_t>(kept));
  return offers;
}

OfferBacktest::OfferBacktest(std::int64_t n_offers)
    : at(static_cast<std::size_t>(n_offers)), recalls(static_cast<std::size_t>(2 * n_offers), customers_bound) {}

void OfferBacktest::add(std::span<const std::int32_t> offers, std::span<const std::int32_t> popular,
                        std::span<const std::int32_t> later, std::int64_t unknown) {
  const std::int64_t bought = std::ssize(later) + unknown;
  ++customers;
  new_items += bought;
  const std::vector<std::int64_t> hits = hits_by_k(offers, later, at.size());
  const std::vector<std::int64_t> popular_hits =
      hits_by_k(popular.first(std::min(popular.size(), offers.size())), later, at.size());
  for (std::size_t k = 0; k < at.size(); ++k) {
    const std::int64_t difference = hits[k] - popular_hits[k];
    at[k].offers += std::min(std::ssize(offers), static_cast<std::ptrdiff_t>(k) + 1);
    at[k].hits += hits[k];
    at[k].customers_hit += hits[k] > 0 ? 1 : 0;
    at[k].popular_hits += popular_hits[k];
    at[k].popular_customers_hit += popular_hits[k] > 0 ? 1 : 0;
    at[k].difference_squares += difference * difference;
    recalls.add(2 * k, static_cast<double>(hits[k]) / static_cast<double>(bought));
    recalls.add(2 * k + 1, static_cast<double>(popular_hits[k]) / static_cast<double>(bought));
  }
}

void OfferBacktest::parts(Parts& p) {
  p.sum(customers);
  p.sum(new_items);
  for (AtK& k : at) {
    for (std::int64_t* value :
         {&k.offers, &k.hits, &k.customers_hit, &k.popular_hits, &k.popular_customers_hit, &k.difference_squares})
      p.sum(*value);
  }
  p.exact(recalls);
}

}  // namespace cohort
