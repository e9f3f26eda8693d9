// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/next_offer_job.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "algorithms/features/features_date.hpp"
#include "core/aggregate.hpp"
#include "core/error.hpp"
#include "jobs/baskets/offer_customers.hpp"
#include "jobs/baskets/offer_output.hpp"
#include "jobs/baskets/rules_output.hpp"
#include "jobs/time_span.hpp"

namespace cohort {
namespace {

/// Everything that one pass over the customers needs; equal on all ranks.
struct Offering {
  const StoreBaskets* days;
  OfferPeriod period;
  bool backtest = false;
  NextOffer finder;
  ItemCodes code_of;
  std::vector<std::int32_t> popular;  ///< codes by falling number of customers who hold them, ties by key
};

/// Ascending codes of keys; the rest is counted.
std::vector<std::int32_t> codes_of(const std::vector<std::int64_t>& keys, const ItemCodes& code_of,
                                   std::int64_t* unknown = nullptr) {
  std::vector<std::int32_t> codes;
  for (const std::int64_t key : keys) {
    const std::int32_t code = code_of(key);
    if (code >= 0) {
      codes.push_back(code);
    } else if (unknown != nullptr) {
      ++*unknown;
    }
  }
  std::sort(codes.begin(), codes.end());
  return codes;
}

struct Holders {
  std::vector<std::int64_t> customers;  ///< by code
  void parts(Parts& p) { p.sum(customers); }
};

/// Collective. The items by number of customers who bought them before as_of.
std::vector<std::int32_t> by_popularity(const Offering& offering, const ItemCatalogue& items, const Context& context) {
  const std::vector<std::int32_t>& shards = offering.days->rows().shards;
  BasketRows unused;
  const Holders holders =
      aggregate(context, std::ssize(shards), Holders{std::vector<std::int64_t>(items.keys.size(), 0)},
                [&](int, Holders& state, std::int64_t i) {
                  each_customer(*offering.days, shards[static_cast<std::size_t>(i)], offering.period, unused,
                                [&](const OfferCustomer& customer) {
                                  for (const std::int32_t code : codes_of(customer.held, offering.code_of))
                                    ++state.customers[static_cast<std::size_t>(code)];
                                });
                });
  std::vector<std::int32_t> order = items.code_of;  // by key
  std::ranges::stable_sort(order, std::greater{},
                           [&](std::int32_t code) { return holders.customers[static_cast<std::size_t>(code)]; });
  return order;
}

/// The most popular items that a customer may be offered.
std::vector<std::int32_t> popular_for(std::span<const std::int32_t> held, const Offering& offering,
                                      const NextOffer::Params& params) {
  std::vector<std::int32_t> items;
  for (const std::int32_t item : offering.popular) {
    if (std::ssize(items) == params.n_offers) break;
    if (!params.exclude_held || !std::ranges::binary_search(held, item)) items.push_back(item);
  }
  return items;
}

struct OfferState {
  std::int64_t with_history = 0, with_offer = 0, offers = 0;
  OfferBacktest backtest;
  void parts(Parts& p) {
    p.sum(with_history);
    p.sum(with_offer);
    p.sum(offers);
    backtest.parts(p);
  }
};

/// Adds how a customer's offers did, where they came back for something they may be offered.
void test_customer(const OfferCustomer& customer, std::span<const std::int32_t> held,
                   const std::vector<NextOffer::Offer>& offers, const Offering& offering,
                   const NextOffer::Params& params, OfferBacktest& backtest) {
  std::vector<std::int64_t> keys;
  if (params.exclude_held) {
    std::ranges::set_difference(customer.later, customer.held, std::back_inserter(keys));
  } else {
    keys = customer.later;
  }
  if (keys.empty()) return;
  std::int64_t unknown = 0;
  const std::vector<std::int32_t> later = codes_of(keys, offering.code_of, &unknown);
  std::vector<std::int32_t> items;
  for (const NextOffer::Offer& offer : offers) items.push_back(offer.item);
  backtest.add(items, popular_for(held, offering, params), later, unknown);
}

/// Collective. Finds everybody's offers, writes them and tests them.
OfferState offer_all(const NextOfferJob::Params& params, const Offering& offering, OfferWriter& writer,
                     const Context& context, BasketRows& counted) {
  const std::vector<std::int32_t>& shards = offering.days->rows().shards;
  return aggregate(context, std::ssize(shards), OfferState{.backtest = OfferBacktest(params.offers.n_offers)},
                   [&](int, OfferState& state, std::int64_t i) {
                     const std::int32_t shard = shards[static_cast<std::size_t>(i)];
                     OfferWriter::Shard table = writer.start(shard);
                     RuleMatcher::Marks marks = offering.finder.marks();
                     each_customer(*offering.days, shard, offering.period, counted, [&](const OfferCustomer& customer) {
                       if (customer.held.empty()) return;
                       const std::vector<std::int32_t> held = codes_of(customer.held, offering.code_of);
                       const std::vector<NextOffer::Offer> offers =
                           offering.finder.find(held, codes_of(customer.basis, offering.code_of), marks);
                       table.set(customer.row, offers);
                       ++state.with_history;
                       state.with_offer += offers.empty() ? 0 : 1;
                       state.offers += std::ssize(offers);
                       if (offering.backtest)
                         test_customer(customer, held, offers, offering, params.offers, state.backtest);
                     });
                     writer.write(std::move(table));
                   });
}

OfferPeriod period_of(const NextOfferJob::Params& params, const StoreBaskets& days) {
  OfferPeriod period{.last_day_only = params.look_at == "last_day"};
  if (!params.as_of.empty()) period.as_of = day_in_units(date_from_iso(params.as_of, "as_of"), days.time_column());
  if (!params.horizon.empty()) {
    const std::int64_t span = span_in_units("horizon", params.horizon, days.time_column());
    if (span % day_in_units(1, days.time_column()) != 0 || span == 0) {
      throw Error(ExitCode::bad_config, fmt::format("horizon: '{}' is no whole number of days", params.horizon),
                  "write it as 28d or 8w");
    }
    period.end = period.as_of + span;
  }
  return period;
}

/// The source as the rules see it: what came before as_of.
BasketParams before(const NextOfferJob::Params& params) {
  BasketParams source = params.source;
  if (!params.as_of.empty()) source.store.until = params.as_of;
  return source;
}

/// The source as the customers' items are read: whole customers, or their days where time matters.
BasketParams by_customer(const NextOfferJob::Params& params) {
  BasketParams source = params.source;
  const bool by_day = !params.as_of.empty() || params.look_at == "last_day";
  source.store.basket = by_day ? "day" : "customer";
  source.items.min_item_count = 1;
  return source;
}

Json metrics_of(const OfferState& state, const Rules::Model& model, const Baskets& mined, std::int64_t customers,
                const Context& context) {
  Json metrics = {{"customers", customers},
                  {"customers_with_history", state.with_history},
                  {"customers_with_offer", state.with_offer},
                  {"coverage", state.with_history == 0 ? Json(nullptr)
                                                       : Json(static_cast<double>(state.with_offer) /
                                                              static_cast<double>(state.with_history))},
                  {"offers", state.offers},
                  {"rules", model.total},
                  {"min_count", model.itemsets.min_count}};
  metrics.update(basket_metrics(mined, model.itemsets.items, context.comm));
  return metrics;
}

}  // namespace

void NextOfferJob::Params::describe(Fields& f) {
  source.describe(f);
  mining.describe(f);
  offers.describe(f);
  f({.name = "look_at",
     .text = "What a rule's left side is looked for in: all that a customer bought, or what they bought on their last "
             "day",
     .choices = {"history", "last_day"}},
    look_at);
  f({.name = "as_of",
     .text = "Day (YYYY-MM-DD) the offers are made: rules and history end before it; empty: all events are history"},
    as_of);
  f({.name = "horizon",
     .text = "Test the offers on what customers bought for the first time from as_of on, for so long (28d, 8w); empty: "
             "no test"},
    horizon);
}

void NextOfferJob::Params::check(const ConfigNode& node) const {
  try {
    source.check();
    mining.check();
    if (source.format != "store") {
      throw Error(ExitCode::bad_config, fmt::format("format {} has no customers to make offers to", source.format),
                  "ingest the data and use format store");
    }
    if (!horizon.empty() && as_of.empty())
      throw Error(ExitCode::bad_config, "horizon needs the day it begins with", "set as_of");
    if (!as_of.empty() && !source.store.until.empty())
      throw Error(ExitCode::bad_config, "as_of and until both say where the baskets end", "remove until");
  } catch (const Error& error) {
    throw node.error(error.what(), error.next());
  }
}

std::vector<std::string> NextOfferJob::inputs(const Params& params, const std::filesystem::path& out) {
  return params.source.inputs(out);
}

StepResult NextOfferJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  const Baskets mined = open_baskets(before(params), step), days = open_baskets(by_customer(params), step);
  OfferPeriod period;
  collectively(context.comm, [&] { period = period_of(params, *days.store); });
  Rules::Model model;
  {
    const Metrics::Phase phase(context.metrics, context.comm, step.id + "/mine");
    model = Rules::fit(params.mining, mined.pass, context, mined.parents);
  }
  const ItemCatalogue& items = model.itemsets.items;
  const RuleBook book = gather_rules(model, context);
  Offering offering{.days = days.store.get(),
                    .period = period,
                    .backtest = !params.horizon.empty(),
                    .finder = NextOffer(params.offers, book, items.size()),
                    .code_of = ItemCodes(items),
                    .popular = {}};
  if (offering.backtest) offering.popular = by_popularity(offering, items, context);
  OfferWriter writer(step, days.store->rows(), params.offers.n_offers, params.as_of, book, items, mined);
  OfferState state{.backtest = OfferBacktest(params.offers.n_offers)};
  {
    const Metrics::Phase phase(context.metrics, context.comm, step.id + "/offer");
    state = offer_all(params, offering, writer, context, *days.rows);
  }
  const Metrics::Phase phase(context.metrics, context.comm, step.id + "/output");
  write_rules(model, mined, step);
  writer.finish();
  StepResult result;
  result.sources = mined.sources;
  result.metrics = metrics_of(state, model, mined, writer.customers(), context);
  if (offering.backtest) add_backtest(state.backtest, result);
  result.tables.push_back(top_rules(model, mined, context.comm));
  return result;
}

}  // namespace cohort
