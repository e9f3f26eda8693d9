// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/next_offer.hpp"

#include <algorithm>
#include <tuple>

namespace cohort {
namespace {

constexpr int customers_bound = 40;  ///< below 2^40 customers, each with a recall of at most 1

bool better(const Offer& a, const Offer& b) {
  return std::tie(a.score, a.lift, b.rule) > std::tie(b.score, b.lift, a.rule);
}

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

void OfferChoice::add(const Offer& offer) {
  const auto [known, fresh] = of_item_.try_emplace(offer.item, offer);
  if (!fresh && better(offer, known->second)) known->second = offer;
}

std::vector<Offer> OfferChoice::best(std::int64_t most) const {
  std::vector<Offer> offers;
  for (const auto& [item, offer] : of_item_) offers.push_back(offer);
  const auto kept = std::min<std::ptrdiff_t>(most, std::ssize(offers));
  std::partial_sort(offers.begin(), offers.begin() + kept, offers.end(), better);
  offers.resize(static_cast<std::size_t>(kept));
  return offers;
}

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

std::vector<Offer> NextOffer::find(std::span<const std::int32_t> held, std::span<const std::int32_t> basis,
                                   RuleMatcher::Marks& marks) const {
  OfferChoice choice;
  matcher_.match(basis, marks, [&](std::int32_t rule) {
    const auto r = static_cast<std::size_t>(rule);
    const std::int32_t item = book_->consequents[r];
    if (params_.exclude_held && std::ranges::binary_search(held, item)) return;
    choice.add({.item = item, .rule = rule, .score = scores_[r], .lift = lifts_[r]});
  });
  return choice.best(params_.n_offers);
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
