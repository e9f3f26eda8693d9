// SPDX-License-Identifier: Apache-2.0
#include "algorithms/synthetic/synthetic_retailer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "algorithms/features/features_date.hpp"
#include "core/column.hpp"
#include "core/elementary.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

/// The draws of one purpose for one customer or item.
RandomStream stream_of(const SyntheticRetailer::Params& params, std::string_view purpose, std::int64_t number) {
  return {static_cast<std::uint64_t>(params.random_state), purpose, static_cast<std::uint64_t>(number)};
}

constexpr std::int64_t baskets_per_customer = 1'000'000;  // basket number = customer * this + ordinal

std::int32_t end_after(std::int32_t first_day, const std::string& end) {
  const std::int32_t day = date_from_iso(end, "end");
  if (day > first_day) return day;
  throw Error(ExitCode::bad_config, fmt::format("end: {} is not after start {}", end, iso_date(first_day)),
              "end is the first day that is no longer generated");
}

/// The `index`-th whole number >= 1 that has no factor in common with `count`: multiplying by it permutes 0..count-1.
std::int64_t coprime(std::int64_t index, std::int64_t count) {
  std::int64_t number = 1;
  for (;; ++number)
    if (std::gcd(number, count) == 1 && index-- == 0) return number;
}

}  // namespace

SyntheticRetailer::SyntheticRetailer(Params params)
    : params_(std::move(params)),
      first_day_(date_from_iso(params_.start, "start")),
      end_day_(end_after(first_day_, params_.end)),
      calendar_(first_day_, end_day_ - first_day_, params_.weekly_season, params_.yearly_season),
      popularity_(zipf_weights(params_.items, params_.zipf_exponent)),
      plants_(params_.plants, params_.items) {
  price_items();
  plant_segments();
}

void SyntheticRetailer::price_items() {
  for (std::int64_t item = 0; item < params_.items; ++item) {
    RandomStream random = stream_of(params_, "retailer price", item);
    const auto price = static_cast<std::int64_t>(50 * exp(random.uniform() * log(16)));
    items_.push_back({price, 1 / static_cast<double>(price)});
  }
}

/// In each respect (rate, spend, basket size, each trait) the segments stand on a ladder, in a permuted order.
void SyntheticRetailer::plant_segments() {
  const std::int64_t count = params_.segments;
  for (std::int64_t segment = 0; segment < count; ++segment) {
    const auto rung = [&](std::int64_t respect) { return segment * coprime(respect, count) % count; };
    const auto factor = [&](std::int64_t respect) {  // from 1/2 to 2
      return count == 1 ? 1
                        : exp(log(2) * (2 * static_cast<double>(rung(respect)) / static_cast<double>(count - 1) - 1));
    };
    Segment planted{.rate = factor(0), .spend = factor(1)};
    const double more_lines = (params_.lines_per_basket - 1) * factor(2);
    planted.inverse_log_more_lines = more_lines > 0 ? 1 / log(more_lines / (1 + more_lines)) : 0;
    for (std::int64_t trait = 0; trait < params_.traits; ++trait)
      planted.trait_means.push_back(params_.separation * static_cast<double>(rung(trait)));
    segments_.push_back(std::move(planted));
  }
}

std::pair<std::int64_t, std::int64_t> SyntheticRetailer::customers_of_part(std::int64_t part) const {
  const std::int64_t each = params_.customers / params_.parts, rest = params_.customers % params_.parts;
  const auto first = [&](std::int64_t index) { return index * each + std::min(index, rest); };
  return {first(part), first(part + 1)};
}

SyntheticRetailer::Customer SyntheticRetailer::customer(std::int64_t number) const {
  RandomStream random = stream_of(params_, "retailer customer", number);
  Customer customer;
  customer.number = number;
  customer.segment = static_cast<std::int32_t>(random.below(params_.segments));
  customer.home_channel = static_cast<std::int32_t>(random.below(params_.channels));
  const Segment& segment = segments_[static_cast<std::size_t>(customer.segment)];
  customer.lambda = random.gamma(params_.r, params_.alpha) * segment.rate;
  const double leave = random.gamma(params_.a, 1), stay = random.gamma(params_.b, 1);
  customer.p = leave / (leave + stay);
  customer.nu = random.gamma(params_.q, params_.gamma) / segment.spend;
  for (const double mean : segment.trait_means) customer.traits.push_back(mean + random.normal());
  live(customer);
  return customer;
}

void SyntheticRetailer::live(Customer& customer) const {
  RandomStream random = stream_of(params_, "retailer times", customer.number);
  const double mean_gap = 7 / customer.lambda;  // days of even time
  double time = random.uniform() * calendar_.days();
  customer.purchases.push_back(calendar_.second_of(time));
  customer.alive_until = end_day_ * std::int64_t{86'400};
  for (;;) {
    time += random.exponential(1) * mean_gap;
    if (!(time < calendar_.days())) return;
    customer.purchases.push_back(calendar_.second_of(time));
    if (std::ssize(customer.purchases) > baskets_per_customer)
      throw Error(ExitCode::bad_config,
                  fmt::format("customer {} buys more than {} times", customer.number, baskets_per_customer),
                  "raise alpha, or generate fewer days");
    if (random.uniform() < customer.p) break;
  }
  customer.alive_until = customer.purchases.back();
}

void SyntheticRetailer::purchases(const Customer& customer, std::vector<Line>& out) const {
  RandomStream random = stream_of(params_, "retailer baskets", customer.number);
  const Segment& segment = segments_[static_cast<std::size_t>(customer.segment)];
  const std::size_t before = out.size();
  Line header{.basket = customer.number * baskets_per_customer};
  for (const std::int64_t time : customer.purchases) {
    header.time = time;
    header.channel =
        random.below(5) > 0 ? customer.home_channel : static_cast<std::int32_t>(random.below(params_.channels));
    const double value = random.gamma(params_.p, customer.nu);
    const auto more_lines = static_cast<std::int64_t>(log(random.positive_uniform()) * segment.inverse_log_more_lines);
    add_basket(1 + more_lines, value, header, random, out);
    ++header.basket;
  }
  if (!plants_.any()) return;
  plant_lines(customer, out);
  std::stable_sort(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(),
                   [](const Line& a, const Line& b) { return a.time < b.time; });
}

void SyntheticRetailer::plant_lines(const Customer& customer, std::vector<Line>& out) const {
  const std::vector<SyntheticPlants::Planted> planted =
      plants_.of_customer(params_.random_state, customer.number, customer.purchases.size());
  Line line{.quantity = 1, .channel = customer.home_channel};
  const auto sell = [&](std::int64_t basket, std::int64_t time, std::int32_t item) {
    line.basket = customer.number * baskets_per_customer + basket;
    line.time = time;
    line.item = item;
    line.price = items_[static_cast<std::size_t>(item)].price;
    out.push_back(line);
  };
  std::int64_t extra = std::ssize(planted);
  for (std::int64_t b = 0; b < std::ssize(planted); ++b) {
    const SyntheticPlants::Planted& plant = planted[static_cast<std::size_t>(b)];
    const std::int64_t time = customer.purchases[static_cast<std::size_t>(b)];
    if (plant.bundle >= 0) {
      for (const std::int32_t item : plants_.bundle(plant.bundle)) sell(b, time, item);
    }
    if (plant.follow_up < 0) continue;
    const std::vector<std::int32_t> pair = plants_.follow_up(plant.follow_up);
    sell(b, time, pair[0]);
    const std::int64_t later = time + plant.seconds;
    if (later < end_day_ * std::int64_t{86'400} && extra < baskets_per_customer) sell(extra++, later, pair[1]);
  }
}

/// Quantities are rounded up or down at random so that a line is worth its share of the basket on average; a line has
/// at least one unit, and at most a million.
void SyntheticRetailer::add_basket(std::int64_t lines, double value, const Line& header, RandomStream& random,
                                   std::vector<Line>& out) const {
  const double cents = 100 * value / static_cast<double>(lines);
  for (std::int64_t i = 0; i < lines; ++i) {
    Line& line = out.emplace_back(header);
    line.item = popularity_.draw(random.next_uint64());
    const Item& item = items_[static_cast<std::size_t>(line.item)];
    const double units = cents * item.units_per_cent + random.next_uint32() * 0x1p-32;
    line.quantity = static_cast<std::int32_t>(std::clamp(units, 1.0, 1e6));
    line.price = item.price;
  }
}

std::string SyntheticRetailer::item_label(std::int32_t item) const {
  const auto digits = std::max<std::size_t>(5, fmt::formatted_size("{}", params_.items - 1));
  return fmt::format("I{:0{}}", item, digits);
}

std::string SyntheticRetailer::channel_label(std::int32_t channel) const {
  return fmt::format("C{:0{}}", channel, fmt::formatted_size("{}", params_.channels - 1));
}

void SyntheticRetailer::Params::describe(Fields& fields) {
  fields({.name = "customers", .text = "Number of customers, numbered from 0.", .range = {0, 9e12}}, customers);
  fields({.name = "start", .text = "First day, YYYY-MM-DD. First purchases fall evenly on the span."}, start);
  fields({.name = "end", .text = "Day after the last, YYYY-MM-DD."}, end);
  fields({.name = "r", .text = "Shape of the purchase rates: lambda ~ Gamma(r, alpha).", .range = {0.05, 1e6}}, r);
  fields({.name = "alpha",
          .text = "Rate of the purchase rates, in weeks; r / alpha purchases a week.",
          .range = {1e-3, 1e6}},
         alpha);
  fields({.name = "a", .text = "Dropout after each repeat purchase: p ~ Beta(a, b).", .range = {0.05, 1e6}}, a);
  fields({.name = "b", .text = "See a.", .range = {0.05, 1e6}}, b);
  fields({.name = "p", .text = "Shape of the values of a customer's baskets: Gamma(p, nu).", .range = {0.05, 1e6}}, p);
  fields({.name = "q", .text = "Shape of the customers' nu ~ Gamma(q, gamma).", .range = {0.05, 1e6}}, q);
  fields(
      {.name = "gamma",
       .text = "Rate of nu, in money; the mean basket is worth p gamma / (q - 1). Prices are from 0.50 to 8.00, so far "
               "smaller baskets than a few units a line come out dearer.",
       .range = {1e-6, 1e9}},
      gamma);
  fields({.name = "lines_per_basket", .text = "Mean number of lines; 1 + a geometric number.", .range = {1, 1000}},
         lines_per_basket);
  fields({.name = "items", .text = "Number of items.", .range = {1, 1e8}}, items);
  fields({.name = "zipf_exponent", .text = "Item k sells in proportion to (k + 1)^-zipf_exponent.", .range = {0, 10}},
         zipf_exponent);
  fields({.name = "channels",
          .text = "Number of stores and other channels; four of five baskets come through a customer's home channel.",
          .range = {1, 1e6}},
         channels);
  fields({.name = "weekly_season", .text = "Strength of the week's season; 0 is none.", .range = {0, 0.95}},
         weekly_season);
  fields({.name = "yearly_season", .text = "Strength of the year's season; 0 is none.", .range = {0, 0.95}},
         yearly_season);
  fields(
      {.name = "segments",
       .text =
           "Number of planted segments, equally likely. They differ in purchase rate, basket value and lines a basket "
           "by factors from 1/2 to 2, and in the means of the traits.",
       .range = {1, 1000}},
      segments);
  fields({.name = "traits",
          .text = "Number of Gaussian attributes of a customer, of variance 1 inside a segment.",
          .range = {0, 100}},
         traits);
  fields(
      {.name = "separation",
       .text = "Least distance of two segments' means in each trait, in standard deviations inside a segment; over all "
               "traits they lie at least separation x sqrt(traits) apart.",
       .range = {0, 1e3}},
      separation);
  fields({.name = "random_state", .text = "Seed; the same one gives the same customers.", .aliases = {"seed"}},
         random_state);
  fields({.name = "parts", .text = "Number of files the customers are written to.", .range = {1, 1e6}}, parts);
  plants.describe(fields);
}

}  // namespace cohort
