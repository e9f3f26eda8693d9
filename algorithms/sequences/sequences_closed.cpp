// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>

#include "algorithms/sequences/sequences.hpp"

namespace cohort {
namespace {

using Steps = std::vector<std::int32_t>;

struct StepsHash {
  std::size_t operator()(const Steps& steps) const {
    return std::hash<std::string_view>{}(
        {reinterpret_cast<const char*>(steps.data()), steps.size() * sizeof(steps[0])});
  }
};

/// The pattern without the item at `at`, and without its element if that was all of it.
Steps without(const Steps& steps, std::size_t at) {
  Steps part = steps;
  const auto is_mark = [&](std::size_t i) { return i >= steps.size() || steps[i] == SequencePattern::next_element; };
  const bool alone = is_mark(at - 1) && is_mark(at + 1);  // at - 1 wraps at the front
  const auto begin = part.begin() + static_cast<std::ptrdiff_t>(at);
  if (!alone || steps.size() == 1) {
    part.erase(begin);
  } else {
    at == 0 ? part.erase(begin, begin + 2) : part.erase(begin - 1, begin + 1);
  }
  return part;
}

/// Counts never rise on the way to a larger pattern, so a pattern that is not closed shows it one item further.
std::vector<bool> absorbed_by_one_item(const std::vector<SequencePattern>& patterns) {
  std::unordered_map<Steps, std::size_t, StepsHash> place;
  for (std::size_t i = 0; i < patterns.size(); ++i) place.emplace(patterns[i].steps, i);
  std::vector<bool> absorbed(patterns.size());
  for (const SequencePattern& whole : patterns) {
    for (std::size_t at = 0; at < whole.steps.size(); ++at) {
      if (whole.steps[at] == SequencePattern::next_element) continue;
      const auto part = place.find(without(whole.steps, at));
      if (part != place.end() && patterns[part->second].count == whole.count) absorbed[part->second] = true;
    }
  }
  return absorbed;
}

std::vector<bool> absorbed_by_any(const std::vector<SequencePattern>& patterns) {
  std::map<std::int64_t, std::vector<std::size_t>> by_count;
  for (std::size_t i = 0; i < patterns.size(); ++i) by_count[patterns[i].count].push_back(i);
  std::vector<bool> absorbed(patterns.size());
  for (const auto& [count, equals] : by_count) {
    for (const std::size_t part : equals) {
      absorbed[part] = std::any_of(equals.begin(), equals.end(), [&](std::size_t whole) {
        return patterns[whole].length() > patterns[part].length() &&
               contains_pattern(patterns[whole].steps, patterns[part].steps);
      });
    }
  }
  return absorbed;
}

}  // namespace

bool contains_pattern(std::span<const std::int32_t> whole, std::span<const std::int32_t> part) {
  constexpr std::int32_t mark = SequencePattern::next_element;
  auto w = whole.begin();
  for (auto p = part.begin(); p != part.end();) {
    const auto part_end = std::find(p, part.end(), mark);
    for (bool found = false; !found;) {
      if (w == whole.end()) return false;
      const auto whole_end = std::find(w, whole.end(), mark);
      found = std::includes(w, whole_end, p, part_end);
      w = whole_end == whole.end() ? whole_end : whole_end + 1;
    }
    p = part_end == part.end() ? part_end : part_end + 1;
  }
  return true;
}

std::vector<SequencePattern> closed_patterns(std::vector<SequencePattern> patterns, bool gaps_bind) {
  const std::vector<bool> absorbed = gaps_bind ? absorbed_by_any(patterns) : absorbed_by_one_item(patterns);
  std::vector<SequencePattern> closed;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (!absorbed[i]) closed.push_back(std::move(patterns[i]));
  }
  return closed;
}

}  // namespace cohort
