// SPDX-License-Identifier: Apache-2.0
#include "algorithms/sequences/sequences.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "core/error.hpp"
#include "core/random.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort::testing {
namespace {

using Items = std::vector<std::int32_t>;
using Constraints = Sequences::Constraints;

struct Element {
  std::int64_t time = 0;
  Items items;
};
using Sequence = std::vector<Element>;

/// Every rank's share: sequence i belongs to rank i modulo size.
SequenceDatabase share_of(const std::vector<Sequence>& sequences, std::int32_t n_items) {
  SequenceDatabase mine;
  mine.n_items = n_items;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    if (static_cast<int>(i) % test_communicator().size() != test_communicator().rank()) continue;
    for (const Element& element : sequences[i]) {
      Items items = element.items;
      mine.add_element(element.time, items);
    }
    mine.end_sequence(static_cast<std::int64_t>(i));
  }
  return mine;
}

std::vector<Items> elements_of(const Items& steps) {
  std::vector<Items> elements(1);
  for (const std::int32_t step : steps) {
    if (step == SequencePattern::next_element) {
      elements.emplace_back();
    } else {
      elements.back().push_back(step);
    }
  }
  return elements;
}

/// Tries every element of the sequence for each element of the pattern.
bool occurs(const Sequence& sequence, const std::vector<Items>& pattern, const Constraints& limits, std::size_t matched,
            std::size_t from, std::int64_t start, std::int64_t last) {
  if (matched == pattern.size()) return true;
  for (std::size_t e = from; e < sequence.size(); ++e) {
    const std::int64_t time = sequence[e].time;
    const Items& items = sequence[e].items;
    if (!std::includes(items.begin(), items.end(), pattern[matched].begin(), pattern[matched].end())) continue;
    const bool first = matched == 0;
    if (!first && (time - last < limits.min_gap || time - last > limits.max_gap)) continue;
    if (!first && time - start > limits.max_span) continue;
    if (occurs(sequence, pattern, limits, matched + 1, e + 1, first ? time : start, time)) return true;
  }
  return false;
}

std::int64_t count_by_hand(const std::vector<Sequence>& sequences, const Items& steps, const Constraints& limits) {
  const std::vector<Items> pattern = elements_of(steps);
  return std::count_if(sequences.begin(), sequences.end(),
                       [&](const Sequence& s) { return occurs(s, pattern, limits, 0, 0, 0, 0); });
}

/// All patterns of at most `max_len` items that occur often enough, each grown item by item and counted alone.
void grow_by_hand(const std::vector<Sequence>& sequences, std::int32_t n_items, const Sequences::Params& params,
                  const Items& steps, std::int64_t length, std::map<Items, std::int64_t>& found) {
  if (length == params.constraints.max_len) return;
  for (std::int32_t item = 0; item < n_items; ++item) {
    for (const bool same : {false, true}) {
      if (same && (steps.empty() || item <= steps.back())) continue;
      Items longer = steps;
      if (!same && !steps.empty()) longer.push_back(SequencePattern::next_element);
      longer.push_back(item);
      const std::int64_t count = count_by_hand(sequences, longer, params.constraints);
      if (count == 0) continue;
      if (count >= params.min_count) found[longer] = count;
      grow_by_hand(sequences, n_items, params, longer, length + 1, found);
    }
  }
}

std::map<Items, std::int64_t> as_map(const std::vector<SequencePattern>& patterns) {
  std::map<Items, std::int64_t> map;
  for (const SequencePattern& pattern : patterns) {
    EXPECT_TRUE(map.emplace(pattern.steps, pattern.count).second) << "a pattern came twice";
  }
  return map;
}

std::vector<Sequence> random_sequences(RandomStream& random, std::int32_t n_items) {
  std::vector<Sequence> sequences(static_cast<std::size_t>(random.below(8)));
  for (Sequence& sequence : sequences) {
    std::int64_t time = random.below(3) - 1;
    for (std::int64_t e = random.below(6); e > 0; --e) {
      Element element{.time = time, .items = {}};
      for (std::int32_t item = 0; item < n_items; ++item) {
        if (random.below(3) == 0) element.items.push_back(item);
      }
      if (!element.items.empty()) sequence.push_back(element);
      time += 1 + random.below(3);
    }
  }
  return sequences;
}

Sequences::Params random_params(RandomStream& random) {
  Sequences::Params params{.min_count = 1 + random.below(3), .constraints = {.max_len = 1 + random.below(4)}};
  if (random.below(2) == 0) params.constraints.min_gap = random.below(4);
  if (random.below(2) == 0) params.constraints.max_gap = params.constraints.min_gap + random.below(4);
  if (random.below(2) == 0) params.constraints.max_span = random.below(7);
  return params;
}

std::vector<SequencePattern> mine(const Sequences::Params& params, const std::vector<Sequence>& sequences,
                                  std::int32_t n_items, std::int64_t memory = std::int64_t{1} << 30) {
  const TestContext test(2, memory);
  return Sequences::mine(params, share_of(sequences, n_items), test.context());
}

TEST(Sequences, EqualBruteForceUnderEveryConstraint) {
  for (std::uint64_t round = 0; round < 1000; ++round) {
    RandomStream random(7, "sequences", round);
    const auto n_items = static_cast<std::int32_t>(2 + random.below(3));
    const std::vector<Sequence> sequences = random_sequences(random, n_items);
    Sequences::Params params = random_params(random);
    std::map<Items, std::int64_t> truth;
    grow_by_hand(sequences, n_items, params, {}, 0, truth);
    ASSERT_EQ(as_map(mine(params, sequences, n_items)), truth) << "round " << round;

    params.closed = true;
    std::map<Items, std::int64_t> closed;
    for (const auto& [part, count] : truth) {
      const bool absorbed =
          std::any_of(truth.begin(), truth.end(), [&, &part = part, &count = count](const auto& whole) {
            return whole.first != part && whole.second == count && contains_pattern(whole.first, part);
          });
      if (!absorbed) closed.emplace(part, count);
    }
    ASSERT_EQ(as_map(mine(params, sequences, n_items)), closed) << "closed, round " << round;
  }
}

/// One item an element and many sequences, some of them too long for a byte: rows of places, packed on the way down.
TEST(Sequences, OfSingleItemsEqualBruteForce) {
  for (std::uint64_t round = 0; round < 20; ++round) {
    RandomStream random(8, "single items", round);
    const auto n_items = static_cast<std::int32_t>(3 + random.below(3));
    std::vector<Sequence> sequences(static_cast<std::size_t>(random.below(300)));
    for (Sequence& sequence : sequences) {
      std::int64_t time = 0;
      for (std::int64_t e = random.below(random.below(100) == 0 ? 400 : 9); e > 0; --e)
        sequence.push_back({time += 1 + random.below(2), {static_cast<std::int32_t>(random.below(n_items))}});
    }
    Sequences::Params params{.min_count = 1 + std::ssize(sequences) / (4 + random.below(30)),
                             .constraints = {.min_gap = random.below(3), .max_len = 4}};
    if (random.below(8) == 0 && !sequences.empty() && !sequences[0].empty()) sequences[0][0].items = {0, 1};
    std::map<Items, std::int64_t> truth;
    grow_by_hand(sequences, n_items, params, {}, 0, truth);
    const std::vector<SequencePattern> found = mine(params, sequences, n_items);
    ASSERT_EQ(as_map(found), truth) << "round " << round;
    const auto before = [](const SequencePattern& a, const SequencePattern& b) {
      return std::tuple(a.length(), -a.count, a.steps) < std::tuple(b.length(), -b.count, b.steps);
    };
    ASSERT_TRUE(std::is_sorted(found.begin(), found.end(), before)) << "round " << round;
    ASSERT_EQ(as_map(mine(params, sequences, n_items, 1)), truth) << "in little memory, round " << round;
  }
}

TEST(Sequences, AreOrderedByLengthCountAndItems) {
  const std::vector<Sequence> sequences{{{0, {0}}, {1, {1, 2}}}, {{0, {2}}, {1, {1}}}, {{5, {2}}}};
  std::vector<std::pair<Items, std::int64_t>> listed;
  for (const SequencePattern& pattern : mine({.min_count = 1}, sequences, 3)) {
    listed.emplace_back(pattern.steps, pattern.count);
  }
  const std::vector<std::pair<Items, std::int64_t>> expected{
      {{2}, 3}, {{1}, 2}, {{0}, 1}, {{0, -1, 1}, 1}, {{0, -1, 2}, 1}, {{1, 2}, 1}, {{2, -1, 1}, 1}, {{0, -1, 1, 2}, 1}};
  EXPECT_EQ(listed, expected);
}

TEST(Sequences, OfNothingAreNone) {
  EXPECT_TRUE(mine({.min_count = 1}, {}, 0).empty());
  EXPECT_TRUE(mine({.min_count = 1}, {}, 5).empty());
  EXPECT_TRUE(mine({.min_count = 3}, {{{0, {0}}}, {{0, {0}}}}, 1).empty());
}

TEST(Sequences, OfOneElementAreItsSubsets) {
  EXPECT_EQ(mine({.min_count = 1}, {{{0, {0, 1, 2}}}}, 3).size(), 7u);
}

TEST(Sequences, RefuseMoreThanMaxPatterns) {
  const std::vector<Sequence> sequences{{{0, {0, 1, 2}}}};
  EXPECT_EQ(mine({.min_count = 1, .max_patterns = 7}, sequences, 3).size(), 7u);
  try {
    (void)mine({.min_count = 1, .max_patterns = 6}, sequences, 3);
    FAIL() << "seven patterns passed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::plan_refused);
  }
}

/// Enough patterns for several chunks: what fits the memory must not show.
TEST(Sequences, AreTheSameInLittleMemory) {
  RandomStream random(1, "many", 0);
  std::vector<Sequence> sequences(300);
  for (Sequence& sequence : sequences) {
    for (std::int64_t time = 0; time < 40; ++time) {
      sequence.push_back({time, {static_cast<std::int32_t>(random.below(12))}});
    }
  }
  const Sequences::Params params{.min_count = 60, .constraints = {.max_gap = 6, .max_len = 4}};
  EXPECT_EQ(as_map(mine(params, sequences, 12, 1)), as_map(mine(params, sequences, 12)));
}

TEST(Sequences, OfOneVeryLongCustomerCountOnce) {
  Sequence sequence;
  for (std::int64_t time = 0; time < 1000000; ++time) sequence.push_back({time, {static_cast<std::int32_t>(time % 7)}});
  const std::vector<Sequence> sequences{sequence, {{0, {0}}, {1, {1}}, {2, {2}}}};
  EXPECT_EQ(as_map(mine({.min_count = 2}, sequences, 7)).at({0, -1, 1, -1, 2}), 2);
  const Constraints narrow{.max_gap = 1, .max_len = 3};
  const auto patterns = as_map(mine({.min_count = 1, .constraints = narrow}, sequences, 7));
  EXPECT_EQ(patterns.at({0, -1, 1, -1, 2}), 2);
  EXPECT_EQ(patterns.size(), 21u) << "each item is followed by one other alone";
}

}  // namespace
}  // namespace cohort::testing
