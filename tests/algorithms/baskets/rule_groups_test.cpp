// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/rule_groups.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "core/column.hpp"
#include "core/error.hpp"
#include "tests/algorithms/baskets/basket_oracle.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort {
namespace {

/// Basket b is in group b % 3; every seventh is in none.
std::int64_t group_of(std::size_t basket) {
  return basket % 7 == 0 ? missing_int64 : static_cast<std::int64_t>(basket % 3) * 10;
}

GroupedPass grouped(const std::vector<testing::Basket>& baskets, const Context& context) {
  return [&baskets, &context](const GroupSink& sink) {
    for (std::size_t b = 0; b < baskets.size(); ++b) {
      if (static_cast<int>(b) % context.comm.size() == context.comm.rank())
        sink(static_cast<int>(b) % context.threads, group_of(b), baskets[b]);
    }
  };
}

TEST(RuleGroups, CountsAreThoseOfALoop) {
  const testing::TestContext test;
  const Context context = test.context();
  const auto baskets = testing::random_baskets(4, 200, 8, 6);
  Rules::Params params;
  params.itemsets.min_support = "10";
  params.min_confidence = 0.2;
  const Rules::Model model = Rules::fit(params, testing::pass_over(baskets, context), context);
  const RuleBook book = gather_rules(model, context);
  ASSERT_GT(book.size(), 5);
  const RuleGroups found = RuleGroups::fit(book, model.itemsets.items, grouped(baskets, context), context);
  EXPECT_EQ(found.keys, (std::vector<std::int64_t>{0, 10, 20}));
  EXPECT_EQ(found.without_group, 29);
  std::array<std::int64_t, 1> lines{std::ssize(found.lines)};
  context.comm.all_reduce(lines, {});
  EXPECT_EQ(lines[0], found.total);
  const auto key_of = [&](std::int32_t code) { return model.itemsets.items.keys[static_cast<std::size_t>(code)]; };
  for (const RuleGroups::Line& line : found.lines) {
    RuleCounts inside;
    for (std::size_t b = 0; b < baskets.size(); ++b) {
      if (group_of(b) != found.keys[static_cast<std::size_t>(line.group)]) continue;
      const auto holds = [&](std::int32_t code) { return std::ranges::count(baskets[b], key_of(code)) > 0; };
      const bool left = std::ranges::all_of(book.antecedents[line.rule], holds);
      const bool right = holds(book.consequents[static_cast<std::size_t>(line.rule)]);
      ++inside.baskets;
      inside.antecedent += left ? 1 : 0;
      inside.consequent += right ? 1 : 0;
      inside.both += left && right ? 1 : 0;
    }
    EXPECT_EQ(line.inside.baskets, inside.baskets);
    EXPECT_EQ(line.inside.antecedent, inside.antecedent);
    EXPECT_EQ(line.inside.consequent, inside.consequent);
    EXPECT_EQ(line.inside.both, inside.both);
    EXPECT_LE(line.p_value, line.q_value);
  }
}

TEST(RuleGroups, RefusesMoreGroupsThanCanBeCompared) {
  const testing::TestContext test(1);
  const Context context = test.context();
  const GroupedPass pass = [](const GroupSink& sink) {
    for (std::int64_t group = 0; group <= RuleGroups::most_groups; ++group) sink(0, group, {});
  };
  EXPECT_THROW(RuleGroups::fit({}, {}, pass, context), Error);
}

}  // namespace
}  // namespace cohort
