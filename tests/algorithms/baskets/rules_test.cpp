// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/rules.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "algorithms/baskets/rules_q_values.hpp"
#include "core/error.hpp"
#include "tests/algorithms/baskets/basket_oracle.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort {
namespace {

double log_choose(double n, double k) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

double fisher_naively(const RuleCounts& c) {
  const auto n = static_cast<double>(c.baskets), a = static_cast<double>(c.antecedent);
  const auto b = static_cast<double>(c.consequent);
  double sum = 0;
  for (auto x = static_cast<double>(c.both); x <= std::min(a, b); ++x) {
    if (b - x > n - a) continue;
    sum += std::exp(log_choose(a, x) + log_choose(n - a, b - x) - log_choose(n, b));
  }
  return sum;
}

TEST(RuleMeasures, FisherEqualsTheSumOfProbabilities) {
  for (const std::int64_t n : {1, 2, 9, 40}) {
    for (std::int64_t a = 1; a <= n; ++a) {
      for (std::int64_t b = 1; b <= n; ++b) {
        for (std::int64_t both = std::max<std::int64_t>(0, a + b - n); both <= std::min(a, b); ++both) {
          const RuleCounts counts{n, a, b, both};
          const double expected = fisher_naively(counts);
          EXPECT_NEAR(fisher_p(counts), expected, 1e-10 * expected + 1e-13) << n << ' ' << a << ' ' << b << ' ' << both;
        }
      }
    }
  }
}

TEST(RuleMeasures, KnownValues) {
  // Groceries' rule of highest lift
  const RuleCounts liquor{9835, 21, 792, 19};
  EXPECT_NEAR(fisher_p(liquor) / fisher_naively(liquor), 1, 1e-8);
  const RuleMeasures m = measure({.baskets = 100, .antecedent = 20, .consequent = 50, .both = 15});
  EXPECT_DOUBLE_EQ(m.support, 0.15);
  EXPECT_DOUBLE_EQ(m.confidence, 0.75);
  EXPECT_DOUBLE_EQ(m.lift, 1.5);
  EXPECT_DOUBLE_EQ(m.leverage, 0.05);
  EXPECT_DOUBLE_EQ(m.conviction, 2);
  EXPECT_DOUBLE_EQ(m.zhang, 0.05 / std::max(0.15 * 0.8, 0.2 * 0.35));
  EXPECT_DOUBLE_EQ(m.jaccard, 15.0 / 55);
  EXPECT_DOUBLE_EQ(m.kulczynski, (0.75 + 0.3) / 2);
  EXPECT_DOUBLE_EQ(m.imbalance_ratio, 30.0 / 55);
  EXPECT_DOUBLE_EQ(m.cosine, 15 / std::sqrt(1000.0));
  EXPECT_DOUBLE_EQ(m.all_confidence, 0.3);
  EXPECT_DOUBLE_EQ(m.chi2, 6.25);  // of the table 15 5 / 35 45
  EXPECT_TRUE(std::isinf(measure({10, 4, 8, 4}).conviction));
  EXPECT_EQ(measure({10, 10, 10, 10}).chi2, 0);
}

TEST(QValues, EqualTheStepUpProcedure) {
  const testing::TestContext test;
  Communicator& comm = test.comm();
  std::vector<double> all, mine;
  for (std::uint64_t i = 0; i < 500; ++i) {
    RandomStream random(1, "p", i);
    const double p = i % 5 == 0 ? 0.01 * std::floor(10 * random.uniform()) : random.uniform() * random.uniform();
    all.push_back(p);
    if (static_cast<int>(i) % comm.size() == comm.rank()) mine.push_back(p);
  }
  const std::int64_t hypotheses = 800;
  const std::vector<double> q = q_values(mine, hypotheses, comm);
  for (std::size_t i = 0; i < mine.size(); ++i) {
    double expected = 1;
    for (const double larger : all) {
      if (larger < mine[i]) continue;
      const auto rank = std::count_if(all.begin(), all.end(), [&](double p) { return p <= larger; });
      expected = std::min(expected, larger * static_cast<double>(hypotheses) / static_cast<double>(rank));
    }
    EXPECT_DOUBLE_EQ(q[i], expected);
  }
  EXPECT_TRUE(q_values({}, 10, comm).empty());
}

struct Expected {
  RuleCounts counts;
  bool redundant;
};

/// Every split of every frequent set, by left side and right side.
std::map<std::pair<testing::Basket, std::int64_t>, Expected> rules_naively(const std::vector<testing::Basket>& baskets,
                                                                           std::int64_t min_count) {
  const auto sets = testing::mine_naively(baskets, min_count, "frequent");
  const auto n = std::ssize(baskets);
  const auto count = [&](const testing::Basket& set) { return set.empty() ? n : sets.at(set); };
  std::map<std::pair<testing::Basket, std::int64_t>, Expected> rules;
  for (const auto& [set, both] : sets) {
    for (const std::int64_t right : set) {
      testing::Basket left = set;
      std::erase(left, right);
      rules[{left, right}] = {{n, count(left), sets.at({right}), both}, false};
    }
  }
  const auto confidence = [](const Expected& e) {
    return static_cast<double>(e.counts.both) / static_cast<double>(e.counts.antecedent);
  };
  for (auto& [rule, expected] : rules) {
    for (const auto& [other, general] : rules) {
      const bool simpler = other.second == rule.second && other.first.size() < rule.first.size() &&
                           std::ranges::includes(rule.first, other.first);
      expected.redundant = expected.redundant || (simpler && confidence(general) >= confidence(expected));
    }
  }
  return rules;
}

void expect_rules(const std::vector<testing::Basket>& baskets, bool remove_redundant) {
  const testing::TestContext test;
  const Context context = test.context();
  Rules::Params params;
  params.itemsets.min_support = "4";
  params.min_confidence = 0.4;
  params.remove_redundant = remove_redundant;
  const Rules::Model model = Rules::fit(params, testing::pass_over(baskets, context), context);
  const auto expected = rules_naively(baskets, 4);
  std::int64_t wanted = 0;
  for (const auto& [rule, e] : expected) {
    const double confidence = static_cast<double>(e.counts.both) / static_cast<double>(e.counts.antecedent);
    wanted += confidence >= 0.4 && !(remove_redundant && e.redundant) ? 1 : 0;
  }
  EXPECT_EQ(model.total, wanted);
  for (const Rules::Rule& rule : model.rules) {
    testing::Basket left;
    for (const std::int32_t item : model.itemsets.found.sets[rule.set])
      left.push_back(model.itemsets.items
                         .keys[static_cast<std::size_t>(model.itemsets.items.code_of[static_cast<std::size_t>(item)])]);
    const std::int64_t right = left[static_cast<std::size_t>(rule.position)];
    std::erase(left, right);
    const Expected& e = expected.at({left, right});
    EXPECT_EQ(rule.counts.antecedent, e.counts.antecedent);
    EXPECT_EQ(rule.counts.consequent, e.counts.consequent);
    EXPECT_EQ(rule.counts.both, e.counts.both);
    EXPECT_FALSE(remove_redundant && e.redundant);
    EXPECT_LE(rule.p_fisher, rule.q_value);
  }
}

TEST(Rules, EqualEverySplitOfEverySet) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto baskets = testing::random_baskets(seed, 60, 7, 7);
    expect_rules(baskets, false);
    expect_rules(baskets, true);
  }
}

TEST(Rules, ShuffledBasketsHoldFewDiscoveries) {
  std::vector<testing::Basket> baskets;
  for (std::uint64_t b = 0; b < 2000; ++b) {
    RandomStream random(9, "independent", b);
    testing::Basket& basket = baskets.emplace_back();
    for (std::int64_t item = 0; item < 40; ++item) {
      if (random.uniform() < 0.1) basket.push_back(item);
    }
  }
  const testing::TestContext test;
  const Context context = test.context();
  Rules::Params params;
  params.itemsets.min_support = "0.005";
  params.min_confidence = 0;
  params.max_q_value = 0.05;
  params.min_len = 2;
  EXPECT_EQ(Rules::fit(params, testing::pass_over(baskets, context), context).total, 0);
}

TEST(Rules, WantAllFrequentSets) {
  Rules::Params params;
  params.itemsets.kind = "closed";
  EXPECT_THROW(params.check(), Error);
}

}  // namespace
}  // namespace cohort
