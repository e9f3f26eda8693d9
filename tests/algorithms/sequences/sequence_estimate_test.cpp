// SPDX-License-Identifier: Apache-2.0
#include "algorithms/sequences/sequence_estimate.hpp"

#include <gtest/gtest.h>

#include "algorithms/sequences/sequence_search.hpp"
#include "core/error.hpp"
#include "core/random.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

/// Sequences of up to `longest` elements; number i belongs to rank i modulo size.
SequenceDatabase random_share(std::uint64_t seed, std::int64_t n, std::int32_t n_items, std::int64_t longest) {
  SequenceDatabase mine;
  mine.n_items = n_items;
  std::vector<std::int32_t> element;
  for (std::int64_t s = test_communicator().rank(); s < n; s += test_communicator().size()) {
    RandomStream random(seed, "sequences", static_cast<std::uint64_t>(s));
    for (std::int64_t time = 0, e = random.below(longest + 1); e > 0; --e, time += 1 + random.below(3)) {
      element.clear();
      for (std::int64_t i = random.below(4); i > 0; --i)
        element.push_back(static_cast<std::int32_t>(std::min(random.below(n_items), random.below(n_items))));
      mine.add_element(time, element);
    }
    mine.end_sequence(s);
  }
  return mine;
}

TEST(CountPatterns, AgreesWithTheSearch) {
  const TestContext test;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    RandomStream random(seed, "limits", 0);
    const SequenceDatabase sequences = random_share(seed, 40, 5, 6);
    Sequences::Params params{.min_count = 3, .constraints = {.max_len = 4}};
    if (random.below(2) == 0) params.constraints.min_gap = random.below(3);
    if (random.below(2) == 0) params.constraints.max_gap = params.constraints.min_gap + random.below(4);
    if (random.below(2) == 0) params.constraints.max_span = random.below(7);
    const FoundPatterns found = search_patterns(params, 1, sequences, test.context());
    const std::vector<std::int64_t> counts = count_patterns(found.kept, sequences, params.constraints, test.context());
    ASSERT_EQ(std::ssize(counts), found.total);
    for (std::size_t i = 0; i < counts.size(); ++i) EXPECT_EQ(counts[i], found.kept[i].count) << seed << ", " << i;
  }
}

TEST(SequenceEstimate, NeverRefusesWhatFitsAndAlwaysWhatIsFarAbove) {
  const TestContext test;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const SequenceDatabase sequences = random_share(seed, 2000, 8, 10);
    Sequences::Params params{.min_count = 300};
    params.max_patterns = search_patterns(params, 0, sequences, test.context()).total;
    EXPECT_FALSE(support_by_sample(params, sequences, {4, 75}, test.context())) << seed;
    params.max_patterns /= 4;
    EXPECT_TRUE(support_by_sample(params, sequences, {4, 75}, test.context())) << seed;
  }
}

TEST(SequenceEstimate, SaysTheSameAtAnyRanks) {
  const TestContext test;
  const SequenceDatabase sequences = random_share(3, 4000, 8, 10);
  EXPECT_EQ(support_by_sample({.min_count = 400, .max_patterns = 20}, sequences, {8, 50}, test.context()), 1313);
}

TEST(SequenceEstimate, KnowsNothingOfNothing) {
  const TestContext test;
  EXPECT_FALSE(
      support_by_sample({.min_count = 1, .max_patterns = 1}, random_share(1, 0, 3, 3), {64, 1}, test.context()));
}

TEST(SequenceEstimate, ComesBeforeTheSearch) {
  const TestContext test;
  SequenceDatabase sequences;
  sequences.n_items = 20;
  std::vector<std::int32_t> element;
  for (std::int32_t s = test_communicator().rank(); s < 60'000; s += test_communicator().size()) {
    RandomStream random(1, "nearly all", static_cast<std::uint64_t>(s));
    for (std::int32_t e = 0; e < 20; ++e) {
      if (random.below(10) < 9) sequences.add_element(e, element = {e});
    }
    sequences.end_sequence(s);
  }
  Sequences::Params params{.min_count = 36'000, .max_patterns = 1000};
  try {
    static_cast<void>(Sequences::mine(params, sequences, test.context()));
    ADD_FAILURE() << "not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::plan_refused);
    EXPECT_NE(std::string(error.what()).find("one of 140 sequences"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace cohort::testing
