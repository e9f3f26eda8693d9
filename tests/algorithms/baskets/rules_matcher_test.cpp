// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/rules_matcher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "tests/algorithms/baskets/basket_oracle.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort {
namespace {

Rules::Params loose() {
  Rules::Params params;
  params.itemsets.min_support = "4";
  params.min_confidence = 0.3;
  return params;
}

TEST(RulesMatcher, FindsWhatLookingAtEveryRuleFinds) {
  const testing::TestContext test;
  const Context context = test.context();
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const auto baskets = testing::random_baskets(seed, 60, 8, 6);
    const Rules::Model model = Rules::fit(loose(), testing::pass_over(baskets, context), context);
    const RuleBook book = gather_rules(model, context);
    ASSERT_EQ(book.size(), model.total);
    const RuleMatcher matcher(book, model.itemsets.items.size());
    RuleMatcher::Marks marks = matcher.marks();
    const ItemCodes code_of(model.itemsets.items);
    for (const testing::Basket& basket : baskets) {
      std::set<std::int32_t> set;
      for (const std::int64_t item : basket) {
        if (code_of(item) >= 0) set.insert(code_of(item));
      }
      std::set<std::int32_t> expected, found;
      for (std::int32_t rule = 0; rule < book.size(); ++rule) {
        if (std::ranges::includes(set, book.antecedents[rule])) expected.insert(rule);
      }
      const std::vector<std::int32_t> codes(set.begin(), set.end());
      matcher.match(codes, marks, [&](std::int32_t rule) { EXPECT_TRUE(found.insert(rule).second); });
      EXPECT_EQ(found, expected);
    }
    EXPECT_TRUE(std::ranges::all_of(marks.held, [](char mark) { return mark == 0; }));
  }
}

TEST(RulesMatcher, RefusesRulesThatDoNotFit) {
  const testing::TestContext roomy, tight(1, 4000);
  const auto baskets = testing::random_baskets(1, 60, 8, 6);
  const Context context = roomy.context();
  const Rules::Model model = Rules::fit(loose(), testing::pass_over(baskets, context), context);
  EXPECT_THROW(static_cast<void>(gather_rules(model, tight.context())), Error);
}

}  // namespace
}  // namespace cohort
