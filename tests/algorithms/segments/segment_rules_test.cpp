// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/segment_rules.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/algorithms/memory_table.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Segment 1 lies above 50 in x, segment 0 below; missing x has none; segment 2 is empty.
std::int32_t label_of(double x) {
  return std::isnan(x) ? -1 : x > 50 ? 1 : 0;
}

TEST(SegmentRules, FindTheCutThatMakesASegment) {
  std::vector<double> x, noise;
  for (int i = 1; i <= 100; ++i) {
    x.push_back(i % 25 == 0 ? nan : i);
    noise.push_back(i * 37 % 101);
  }
  const TestContext test;
  const MemoryTable table({"noise", "x"}, {noise, x}, 7, test_communicator());
  const Labeller labels = [](const NumericBlock& block) {
    std::vector<std::int32_t> found;
    for (const double value : block.columns[1]) found.push_back(label_of(value));
    return found;
  };
  const std::vector<SegmentRule> rules = describe_segments(table, 3, labels, test.context());
  ASSERT_EQ(rules.size(), 3u);
  for (const std::size_t segment : {std::size_t{0}, std::size_t{1}}) {
    const SegmentRule& rule = rules[segment];
    std::int64_t matched = 0, hits = 0, size = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const bool own = label_of(x[i]) == static_cast<std::int32_t>(segment);
      bool met = true;
      for (const RuleCondition& condition : rule.conditions)
        met = met && condition.met(condition.column == 1 ? x[i] : noise[i]);
      matched += met ? 1 : 0;
      hits += met && own ? 1 : 0;
      size += own ? 1 : 0;
    }
    EXPECT_LE(rule.conditions.size(), 3u);
    EXPECT_EQ(rule.matched, matched);
    EXPECT_EQ(rule.hits, hits);
    EXPECT_EQ(rule.size, size);
    EXPECT_GT(rule.f1(), 0.95) << rule.text({"noise", "x"});
  }
  EXPECT_TRUE(rules[2].conditions.empty()) << "nothing to tell of an empty segment";
}

TEST(SegmentRules, SpeakAndCount) {
  const SegmentRule rule{.conditions = {{0, 9, true}, {1, 2.5, false}}, .matched = 4, .hits = 3, .size = 6};
  EXPECT_EQ(rule.text({"frequency", "recency"}), "frequency > 9 and recency <= 2.5");
  EXPECT_EQ(rule.precision(), 0.75);
  EXPECT_EQ(rule.recall(), 0.5);
  EXPECT_TRUE(std::isnan(SegmentRule{}.precision()));
  EXPECT_TRUE(std::isnan(SegmentRule{}.recall()));
  EXPECT_FALSE((RuleCondition{0, 1, false}.met(nan)));
  EXPECT_FALSE((RuleCondition{0, 1, true}.met(nan)));
}

}  // namespace
}  // namespace cohort::testing
