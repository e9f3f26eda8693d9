// SPDX-License-Identifier: Apache-2.0
#include "algorithms/sequences/sequence_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "core/random.hpp"
#include "tests/algorithms/sequences/purchases.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

using Rule = SequenceRules::Rule;

SequenceRules::Result fit(const SequenceRules::Params& params, const Purchases& purchases, std::int32_t n_items) {
  const TestContext test;
  return SequenceRules::fit(params, share_of(purchases, n_items), test.context());
}

/// Counts one rule purchase by purchase.
Rule count_by_hand(const SequenceRules::Params& params, const Purchases& purchases, std::int32_t a, std::int32_t c) {
  Rule rule{.antecedent = a, .consequent = c};
  std::set<std::int64_t> customers;
  std::int64_t observed = 0, base = 0;
  for (const Purchase& p : purchases) {
    const bool followed = gap_to(purchases, p, c, params.within) > 0;
    if (followed && p.item == a) customers.insert(p.customer);
    if (p.time > params.observed_until - params.within) continue;
    ++observed;
    base += followed ? 1 : 0;
    rule.purchases += p.item == a ? 1 : 0;
    rule.followed += followed && p.item == a ? 1 : 0;
  }
  rule.count = std::ssize(customers);
  rule.base_rate = static_cast<double>(base) / static_cast<double>(observed);
  return rule;
}

TEST(SequenceRules, EqualCountsByHand) {
  for (std::uint64_t round = 0; round < 100; ++round) {
    const Purchases purchases = random_purchases(round, 12, 9, 4, 15);
    const SequenceRules::Params params{
        .within = 1 + static_cast<std::int64_t>(round % 5), .min_count = 2, .observed_until = 14};
    const SequenceRules::Result result = fit(params, purchases, 4);
    std::size_t rules = 0;
    for (std::int32_t a = 0; a < 4; ++a) {
      for (std::int32_t c = 0; c < 4; ++c) {
        const Rule truth = count_by_hand(params, purchases, a, c);
        if (truth.count < params.min_count || truth.followed == 0) continue;
        ++rules;
        const auto found = std::find_if(result.rules.begin(), result.rules.end(),
                                        [&](const Rule& rule) { return rule.antecedent == a && rule.consequent == c; });
        ASSERT_NE(found, result.rules.end()) << round << ": " << a << " -> " << c;
        EXPECT_EQ(found->count, truth.count);
        EXPECT_EQ(found->purchases, truth.purchases);
        EXPECT_EQ(found->followed, truth.followed);
        EXPECT_DOUBLE_EQ(found->base_rate, truth.base_rate);
        EXPECT_EQ(found->followed_by.back(), truth.followed);
      }
    }
    EXPECT_EQ(result.rules.size(), rules);
  }
}

TEST(SequenceRules, FindWhatWasPlantedAndWhen) {
  Purchases purchases = random_purchases(1, 2000, 6, 30, 300);
  Purchases planted = purchases;
  for (const Purchase& p : purchases) {
    RandomStream random(2, "planted", static_cast<std::uint64_t>(p.customer * 1000 + p.time));
    if (p.item == 3 && random.below(2) == 0) planted.insert({p.customer, p.time + 10 + random.below(3), 7});
  }
  const SequenceRules::Result result =
      fit({.within = 30, .min_count = 5, .min_lift = 1, .max_q_value = 0.05, .observed_until = 300}, planted, 30);
  ASSERT_FALSE(result.rules.empty());
  const Rule& best = result.rules.front();
  EXPECT_EQ(best.antecedent, 3);
  EXPECT_EQ(best.consequent, 7);
  EXPECT_GT(best.confidence, 0.4);
  EXPECT_LT(best.q_value, 1e-6);
  EXPECT_EQ(best.median_gap, 11);
  EXPECT_EQ(best.p90_gap, 12);
  EXPECT_LT(best.followed_by[8], best.followed / 10) << "little follows before day 10";
}

/// Without a rule in the data, a q-value of 5 % may be reached in about one set of twenty; here customers differ
/// tenfold in what they buy, which alone must not make rules.
TEST(SequenceRules, OfPureChanceAreNotSignificant) {
  int sets_with_rules = 0;
  for (std::uint64_t set = 0; set < 20; ++set) {
    Purchases purchases;
    for (std::int64_t customer = 0; customer < 400; ++customer) {
      RandomStream random(100 + set, "null", static_cast<std::uint64_t>(customer));
      for (std::int64_t n = customer % 10 == 0 ? 60 : 6; n > 0; --n) {
        const std::int64_t day = random.below(200);
        purchases.insert({customer, day, static_cast<std::int32_t>(std::min(random.below(15), random.below(15)))});
      }
    }
    sets_with_rules +=
        fit({.within = 20, .min_count = 3, .max_q_value = 0.05, .observed_until = 200}, purchases, 15).rules.empty()
            ? 0
            : 1;
  }
  EXPECT_LE(sets_with_rules, 3);
}

TEST(SequenceRules, OfNothingAreNone) {
  EXPECT_TRUE(fit({.within = 5}, {}, 0).rules.empty());
  EXPECT_TRUE(fit({.within = 5}, {{0, 0, 0}}, 1).rules.empty());
  EXPECT_TRUE(fit({.within = 5, .observed_until = 4}, {{0, 0, 0}, {0, 1, 0}}, 1).rules.empty())
      << "no window was seen to its end";
}

TEST(SequenceRules, RefuseMoreThanMaxRules) {
  const Purchases purchases = random_purchases(5, 50, 20, 4, 50);
  try {
    (void)fit({.within = 10, .max_rules = 3}, purchases, 4);
    FAIL() << "more than three rules passed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::plan_refused);
  }
}

}  // namespace
}  // namespace cohort::testing
