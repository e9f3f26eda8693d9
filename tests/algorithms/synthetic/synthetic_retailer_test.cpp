// SPDX-License-Identifier: Apache-2.0
#include "algorithms/synthetic/synthetic_retailer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"

namespace cohort {
namespace {

using Customer = SyntheticRetailer::Customer;
using Line = SyntheticRetailer::Line;

SyntheticRetailer::Params plain() {
  SyntheticRetailer::Params params;
  params.weekly_season = params.yearly_season = 0;
  params.segments = 1;
  return params;
}

std::vector<Line> lines_of(const SyntheticRetailer& retailer, const Customer& customer) {
  std::vector<Line> lines;
  retailer.purchases(customer, lines);
  return lines;
}

auto as_tuple(const Line& line) {
  return std::tuple(line.time, line.basket, line.item, line.quantity, line.price, line.channel);
}

/// Mean and its standard error.
struct Mean {
  double sum = 0, squares = 0, count = 0;

  void add(double x) { sum += x, squares += x * x, ++count; }
  [[nodiscard]] double value() const { return sum / count; }
  [[nodiscard]] double error() const { return std::sqrt((squares / count - value() * value()) / count); }
};

/// Repeat purchases until `t` of a BG/NBD customer (Fader, Hardie and Lee 2005, equation 9); 2F1 by its series.
double expected_repeats(const SyntheticRetailer::Params& params, double t) {
  const double c = params.a + params.b - 1, z = t / (params.alpha + t);
  double term = 1, series = 1;
  for (int n = 0; n < 20'000 && term > 1e-17 * series; ++n) {
    term *= (params.r + n) * (params.b + n) / ((c + n) * (n + 1)) * z;
    series += term;
  }
  return c / (params.a - 1) * (1 - std::pow(params.alpha / (params.alpha + t), params.r) * series);
}

TEST(SyntheticRetailer, RepeatsAsOftenAsBgNbdExpects) {
  for (const double season : {0.0, 0.6}) {
    for (const auto& [r, alpha, a, b] :
         {std::tuple(0.9, 6.0, 0.8, 6.0), {0.243, 4.414, 0.793, 2.426}, {3.0, 20.0, 2.0, 4.0}}) {
      auto params = plain();
      params.r = r, params.alpha = alpha, params.a = a, params.b = b;
      params.weekly_season = params.yearly_season = season;
      const SyntheticRetailer retailer(params);
      const double weeks = (retailer.end_day() - retailer.first_day()) / 7.0;
      double expected = 0;  // the acquisition is even on the span
      for (int i = 0; i < 500; ++i) expected += expected_repeats(params, weeks * (i + 0.5) / 500) / 500;
      Mean repeats;
      for (int number = 0; number < 40'000; ++number)
        repeats.add(static_cast<double>(retailer.customer(number).purchases.size() - 1));
      EXPECT_NEAR(repeats.value(), expected, 3 * repeats.error()) << "season " << season << ", r " << r;
    }
  }
}

TEST(SyntheticRetailer, DrawsRatesAndDropoutsFromTheirDistributions) {
  const auto params = plain();
  const SyntheticRetailer retailer(params);
  Mean lambda, p, nu, left;
  for (int number = 0; number < 40'000; ++number) {
    const Customer customer = retailer.customer(number);
    lambda.add(customer.lambda);
    p.add(customer.p);
    nu.add(customer.nu);
    const bool stayed = customer.alive_until == retailer.end_day() * 86'400LL;
    EXPECT_TRUE(stayed || customer.alive_until == customer.purchases.back());
    EXPECT_TRUE(stayed || customer.purchases.size() > 1) << "nobody leaves before a repeat purchase";
    EXPECT_TRUE(std::is_sorted(customer.purchases.begin(), customer.purchases.end()));
  }
  EXPECT_NEAR(lambda.value(), params.r / params.alpha, 3 * lambda.error());
  EXPECT_NEAR(p.value(), params.a / (params.a + params.b), 3 * p.error());
  EXPECT_NEAR(nu.value(), params.q / params.gamma, 3 * nu.error());
}

TEST(SyntheticRetailer, SpendsWhatGammaGammaExpects) {
  auto params = plain();
  params.q = 9, params.gamma = 2000;  // far above the prices, so that whole units matter little
  const SyntheticRetailer retailer(params);
  Mean basket_value, lines_per_basket;
  for (int number = 0; number < 20'000; ++number) {
    const Customer customer = retailer.customer(number);
    double value = 0;
    const auto lines = lines_of(retailer, customer);
    for (const Line& line : lines) value += static_cast<double>(line.quantity * line.price) / 100;
    const auto baskets = static_cast<double>(customer.purchases.size());
    basket_value.add(value / baskets);
    lines_per_basket.add(static_cast<double>(lines.size()) / baskets);
  }
  EXPECT_NEAR(basket_value.value(), params.p * params.gamma / (params.q - 1), 3 * basket_value.error());
  EXPECT_NEAR(lines_per_basket.value(), params.lines_per_basket, 3 * lines_per_basket.error());
}

TEST(SyntheticRetailer, ItemsFollowZipfAndKeepTheirPrice) {
  auto params = plain();
  params.items = 100;
  const SyntheticRetailer retailer(params);
  std::map<std::int32_t, double> sold;
  std::map<std::int32_t, std::int64_t> price;
  double lines = 0, harmonic = 0;
  for (int number = 0; number < 10'000; ++number) {
    for (const Line& line : lines_of(retailer, retailer.customer(number))) {
      ++sold[line.item], ++lines;
      EXPECT_EQ(price.emplace(line.item, line.price).first->second, line.price);
      EXPECT_GE(line.quantity, 1);
      EXPECT_TRUE(line.price >= 50 && line.price <= 800);
    }
  }
  for (int item = 0; item < 100; ++item) harmonic += 1.0 / (item + 1);
  EXPECT_EQ(sold.size(), 100U);
  for (const auto& [item, count] : sold) {
    const double share = 1 / ((item + 1) * harmonic);
    EXPECT_NEAR(count / lines, share, 4 * std::sqrt(share * (1 - share) / lines)) << "item " << item;
  }
}

TEST(SyntheticRetailer, BasketsAreUniqueAndInOrder) {
  const SyntheticRetailer retailer(plain());
  std::int64_t last_basket = -1;
  for (int number = 0; number < 500; ++number) {
    const Customer customer = retailer.customer(number);
    const auto lines = lines_of(retailer, customer);
    std::map<std::int64_t, std::int64_t> time_of_basket;
    for (const Line& line : lines) time_of_basket.emplace(line.basket, line.time);
    EXPECT_EQ(time_of_basket.size(), customer.purchases.size());
    EXPECT_GT(time_of_basket.begin()->first, last_basket);
    last_basket = time_of_basket.rbegin()->first;
    auto purchase = customer.purchases.begin();
    for (const auto& [basket, time] : time_of_basket) EXPECT_EQ(time, *purchase++);
  }
}

TEST(SyntheticRetailer, ACustomerDependsOnTheirNumberAlone) {
  auto params = plain();
  const SyntheticRetailer small(params);
  params.customers = 50'000'000, params.parts = 7;
  const SyntheticRetailer large(params);
  params.random_state = 43;
  const SyntheticRetailer other(params);
  for (const std::int64_t number : {9'000, 5, 0, 9'999}) {
    const auto once = lines_of(small, small.customer(number)), again = lines_of(large, large.customer(number));
    EXPECT_TRUE(std::equal(once.begin(), once.end(), again.begin(), again.end(),
                           [](const Line& x, const Line& y) { return as_tuple(x) == as_tuple(y); }));
    EXPECT_EQ(small.customer(number).traits, large.customer(number).traits);
    EXPECT_NE(small.customer(number).lambda, other.customer(number).lambda);
  }
}

TEST(SyntheticRetailer, PartsShareAllCustomers) {
  for (const std::int64_t customers : {0, 1, 5, 1000}) {
    auto params = plain();
    params.customers = customers, params.parts = 7;
    const SyntheticRetailer retailer(params);
    std::int64_t next = 0;
    for (std::int64_t part = 0; part < 7; ++part) {
      const auto [first, end] = retailer.customers_of_part(part);
      EXPECT_EQ(first, next);
      EXPECT_LE(end - first, customers / 7 + 1);
      next = end;
    }
    EXPECT_EQ(next, customers);
  }
}

double pairs(double n) {
  return n * (n - 1) / 2;
}

/// Adjusted Rand index (Hubert and Arabie 1985) of two labellings.
double adjusted_rand(const std::vector<std::pair<int, int>>& labels) {
  std::map<std::pair<int, int>, double> both;
  std::map<int, double> first, second;
  for (const auto& label : labels) ++both[label], ++first[label.first], ++second[label.second];
  double in_both = 0, in_first = 0, in_second = 0;
  for (const auto& [unused, n] : both) in_both += pairs(n);
  for (const auto& [unused, n] : first) in_first += pairs(n);
  for (const auto& [unused, n] : second) in_second += pairs(n);
  const double chance = in_first * in_second / pairs(static_cast<double>(labels.size()));
  return (in_both - chance) / ((in_first + in_second) / 2 - chance);
}

/// How well the nearest mean of the traits finds the planted segments.
double found_segments(const SyntheticRetailer::Params& params) {
  const SyntheticRetailer retailer(params);
  const auto d = static_cast<std::size_t>(params.traits), k = static_cast<std::size_t>(params.segments);
  std::vector<std::vector<double>> sums(k, std::vector<double>(d + 1));
  for (int number = 0; number < 4000; ++number) {
    const Customer customer = retailer.customer(number);
    auto& sum = sums[static_cast<std::size_t>(customer.segment)];
    for (std::size_t j = 0; j < d; ++j) sum[j] += customer.traits[j];
    ++sum[d];
  }
  std::vector<std::pair<int, int>> labels;
  for (int number = 0; number < 4000; ++number) {
    const Customer customer = retailer.customer(number);
    const auto distance = [&](const std::vector<double>& sum) {
      double squares = 0;
      for (std::size_t j = 0; j < d; ++j) squares += std::pow(customer.traits[j] - sum[j] / sum[d], 2);
      return squares;
    };
    const auto nearest = std::min_element(sums.begin(), sums.end(),
                                          [&](const auto& x, const auto& y) { return distance(x) < distance(y); });
    labels.emplace_back(customer.segment, static_cast<int>(nearest - sums.begin()));
  }
  return adjusted_rand(labels);
}

TEST(SyntheticRetailer, SegmentsCanBeFoundAtTheDeclaredSeparation) {
  for (const std::int64_t segments : {2, 3, 4, 6, 8}) {
    for (const std::int64_t traits : {2, 3, 5}) {
      auto params = plain();
      params.segments = segments, params.traits = traits;
      EXPECT_GT(found_segments(params), 0.95) << segments << " segments, " << traits << " traits";
      params.separation = 0;
      EXPECT_LT(found_segments(params), 0.1) << segments << " segments, " << traits << " traits";
    }
  }
}

TEST(SyntheticRetailer, LabelsSortAsTheirNumbers) {
  auto params = plain();
  params.items = 100'001, params.channels = 11;
  const SyntheticRetailer retailer(params);
  EXPECT_EQ(retailer.item_label(42), "I000042");
  EXPECT_LT(retailer.item_label(99'999), retailer.item_label(100'000));
  EXPECT_LT(retailer.channel_label(9), retailer.channel_label(10));
  EXPECT_EQ(SyntheticRetailer(plain()).item_label(42), "I00042");
}

TEST(SyntheticRetailer, ExtremeParametersStayFinite) {
  auto params = plain();
  params.r = params.a = params.b = params.p = params.q = 0.05;
  params.start = "2023-12-31";
  params.items = params.channels = 1;
  params.lines_per_basket = 1;
  params.traits = 0;
  const SyntheticRetailer retailer(params);
  for (int number = 0; number < 2000; ++number) {
    const Customer customer = retailer.customer(number);
    const auto lines = lines_of(retailer, customer);
    EXPECT_EQ(lines.size(), customer.purchases.size());
    for (const Line& line : lines) EXPECT_TRUE(line.quantity >= 1 && line.quantity <= 1'000'000);
  }
}

TEST(SyntheticRetailer, RefusesDatesOutOfOrder) {
  auto params = plain();
  params.end = params.start;
  EXPECT_THROW(SyntheticRetailer{params}, Error);
  params.end = "2024-02-30";
  EXPECT_THROW(SyntheticRetailer{params}, Error);
}

}  // namespace
}  // namespace cohort
