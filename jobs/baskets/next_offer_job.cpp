// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/next_offer_job.hpp"

#include <algorithm>

#include "algorithms/features/features_date.hpp"
#include "core/aggregate.hpp"
#include "core/error.hpp"
#include "jobs/baskets/offer_output.hpp"
#include "jobs/baskets/offer_source.hpp"
#include "jobs/baskets/offer_times.hpp"

namespace cohort {
namespace {

/// Everything that one pass over the customers needs; equal on all ranks.
struct Offering {
  const StoreBaskets* days;
  const OfferSource* source;
  OfferPeriod period;
  bool timed = false, backtest = false;
  ItemCodes code_of;
  std::vector<std::int32_t> popular;  ///< codes by falling number of customers who hold them, ties by key
};

struct Holders {
  std::vector<std::int64_t> customers;  ///< by code
  void parts(Parts& p) { p.sum(customers); }
};

/// Collective. The items by number of customers who bought them before as_of.
std::vector<std::int32_t> by_popularity(const Offering& offering, const Context& context) {
  const ItemCatalogue& items = offering.source->items();
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
  DueOffers due;
  OfferBacktest backtest;
  void parts(Parts& p) {
    p.sum(with_history);
    p.sum(with_offer);
    p.sum(offers);
    due.parts(p);
    backtest.parts(p);
  }
};

/// Adds how a customer's offers did, where they came back for something they may be offered.
void test_customer(const OfferCustomer& customer, const std::vector<Offer>& offers, const Offering& offering,
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
  for (const Offer& offer : offers) items.push_back(offer.item);
  backtest.add(items, popular_for(codes_of(customer.held, offering.code_of), offering, params), later, unknown);
}

/// Collective. Finds everybody's offers, writes them and tests them.
OfferState offer_all(const NextOffer::Params& params, const Offering& offering, OfferWriter& writer,
                     const Context& context, BasketRows& counted) {
  const std::vector<std::int32_t>& shards = offering.days->rows().shards;
  const auto offer_shard = [&](int, OfferState& state, std::int64_t i) {
    const std::int32_t shard = shards[static_cast<std::size_t>(i)];
    OfferWriter::Shard table = writer.start(shard);
    const OfferSource::Search search = offering.source->search(offering.code_of);
    each_customer(*offering.days, shard, offering.period, counted, [&](const OfferCustomer& customer) {
      if (customer.held.empty()) return;
      const std::vector<Offer> offers = search(customer);
      table.set(customer.row, offers);
      ++state.with_history;
      state.with_offer += offers.empty() ? 0 : 1;
      state.offers += std::ssize(offers);
      if (offering.timed) state.due.add(offers, offering.period.as_of);
      if (offering.backtest) test_customer(customer, offers, offering, params, state.backtest);
    });
    writer.write(std::move(table));
  };
  return aggregate(context, std::ssize(shards), OfferState{.backtest = OfferBacktest(params.n_offers)}, offer_shard);
}

/// The source as the rules see it: what came before as_of.
BasketParams before(const NextOfferJob::Params& params) {
  BasketParams source = params.source;
  if (!params.within.empty()) source.store.basket = "customer";
  if (!params.as_of.empty()) source.store.until = params.as_of;
  return source;
}

/// The source as the customers' items are read: whole customers, or their days where time matters.
BasketParams by_customer(const NextOfferJob::Params& params) {
  BasketParams source = params.source;
  const bool by_day = !params.as_of.empty() || !params.within.empty() || params.look_at == "last_day";
  source.store.basket = by_day ? "day" : "customer";
  source.items.min_item_count = 1;
  return source;
}

/// Collective.
std::unique_ptr<OfferSource> source_of(const NextOfferJob::Params& params, const OfferTimes& times,
                                       const Baskets& mined, const Baskets& days, const Context& context) {
  if (params.within.empty()) return basket_rule_offers(params.mining, params.offers, mined, context);
  const TimedRuleParams timed{.within = whole_days("within", params.within),
                              .max_rules = params.max_rules,
                              .last_day = times.last_day.value_or(0)};
  return timed_rule_offers(timed, params.mining, params.offers, mined, *days.store, times.period, context);
}

Json metrics_of(const OfferState& state, const ItemCatalogue& items, std::int64_t rules, const Baskets& mined,
                std::int64_t customers, const Context& context) {
  Json metrics = {{"customers", customers},
                  {"customers_with_history", state.with_history},
                  {"customers_with_offer", state.with_offer},
                  {"coverage", state.with_history == 0 ? Json(nullptr)
                                                       : Json(static_cast<double>(state.with_offer) /
                                                              static_cast<double>(state.with_history))},
                  {"offers", state.offers},
                  {"rules", rules},
                  {"min_count", items.min_count}};
  metrics.update(basket_metrics(mined, items, context.comm));
  return metrics;
}

/// Throws Error(bad_config) for keys that say nothing of the rules that were asked for.
void check_kind_of_rules(const NextOfferJob::Params& params, const ConfigNode& node) {
  NextOfferJob::Params set = params, unset;
  const Json given = record_fields(description_of(set)), defaults = record_fields(description_of(unset));
  const bool timed = !params.within.empty();
  const std::vector<std::string_view> of_baskets{"basket", "session_gap",  "kind",    "algorithm",        "max_len",
                                                 "top_k",  "max_itemsets", "min_len", "remove_redundant", "look_at"};
  for (const std::string_view key : timed ? of_baskets : std::vector<std::string_view>{"max_rules"}) {
    if (given.at(key) == defaults.at(key)) continue;
    const ConfigNode* at = node.find(key);
    throw(at != nullptr ? *at : node)
        .error(fmt::format("{}: says nothing of {}", key,
                           timed ? "rules \"A, then C within B\", which go day by day" : "rules of baskets"),
               timed ? fmt::format("remove {}, or within", key) : "remove max_rules, or set within");
  }
  if (timed && params.source.items.across_levels()) {
    throw node.error("level all: an item would be followed by its own categories",
                     "set level to one column of the taxonomy, or to item");
  }
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
     .text = "Test the offers on what customers bought for the first time from as_of on, for so long (28d, 8w), which "
             "the events must cover; empty: no test"},
    horizon);
  f({.name = "within",
     .text = "Offer by rules \"A, then C within this time\" (60d, 8w) and say when each offer is due; supports and "
             "items then count customers. Empty: rules of baskets, without time"},
    within);
  f({.name = "max_rules",
     .text = "With within: more rules than this end the step with exit code 14",
     .range = {.low = 1, .high = 1e6}},
    max_rules);
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
    if (!as_of.empty()) static_cast<void>(date_from_iso(as_of, "as_of"));
    for (const auto& [key, span] : {std::pair("horizon", &horizon), std::pair("within", &within)}) {
      if (!span->empty()) static_cast<void>(whole_days(key, *span));
    }
  } catch (const Error& error) {
    throw node.error(error.what(), error.next());
  }
  check_kind_of_rules(*this, node);
}

std::vector<std::string> NextOfferJob::inputs(const Params& params, const std::filesystem::path& out) {
  return params.source.inputs(out);
}

StepResult NextOfferJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  const Baskets mined = open_baskets(before(params), step), days = open_baskets(by_customer(params), step);
  const OfferTimes times = offer_times(params, *days.store, context);
  std::unique_ptr<const OfferSource> source;
  {
    const Metrics::Phase phase(context.metrics, context.comm, step.id + "/mine");
    source = source_of(params, times, mined, days, context);
  }
  Offering offering{.days = days.store.get(),
                    .source = source.get(),
                    .period = times.period,
                    .timed = !params.within.empty(),
                    .backtest = !params.horizon.empty(),
                    .code_of = ItemCodes(source->items()),
                    .popular = {}};
  if (offering.backtest) offering.popular = by_popularity(offering, context);
  const std::int64_t n_offers = params.offers.n_offers;
  std::vector<OfferedRule> rules = source->rules();
  const std::int64_t n_rules = std::ssize(rules);
  OfferWriter writer(step, days.store->rows(), {n_offers, times.as_of, offering.timed}, std::move(rules));
  OfferState state{.backtest = OfferBacktest(n_offers)};
  {
    const Metrics::Phase phase(context.metrics, context.comm, step.id + "/offer");
    state = offer_all(params.offers, offering, writer, context, *days.rows);
  }
  const Metrics::Phase phase(context.metrics, context.comm, step.id + "/output");
  StepResult result;
  result.sources = mined.sources;
  result.metrics = metrics_of(state, source->items(), n_rules, mined, writer.customers(), context);
  if (offering.timed) result.metrics["as_of"] = times.as_of;
  if (offering.backtest) add_backtest(state.backtest, result);
  if (offering.timed) add_due(state.due, state.offers, result);
  source->write(step, result);
  writer.finish();
  return result;
}

StepPlan NextOfferJob::plan(const Params& params, Forecast& forecast) {
  // Histories are read, and copied for mining: 16 bytes an item, 32 a day, at four items a day.
  const bool timed = !params.within.empty();
  StepPlan plan =
      timed ? plan_baskets(params.source, forecast, 24 / forecast.ranks) : plan_baskets(params.source, forecast);
  const PlannedTable* customers = forecast.table(params.source.input);
  if (!plan.memory_bytes || customers == nullptr) return plan;
  const double offer_bytes = timed ? 20 : 16;
  *plan.memory_bytes +=
      forecast.threads * customers->rows_per_shard() * static_cast<double>(params.offers.n_offers) * offer_bytes;
  plan.rows = customers->rows;
  plan.rows_metric = "customers";
  return plan;
}

}  // namespace cohort
