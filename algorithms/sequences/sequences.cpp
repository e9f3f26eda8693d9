// SPDX-License-Identifier: Apache-2.0
#include "algorithms/sequences/sequences.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "algorithms/baskets/support_guard.hpp"
#include "algorithms/sequences/sequence_estimate.hpp"
#include "algorithms/sequences/sequence_search.hpp"

namespace cohort {
namespace {

[[noreturn]] void refuse_patterns(const Sequences::Params& params, std::int64_t fits, std::int64_t one_in = 1) {
  refuse({.things = "patterns",
          .rows = "sequences",
          .limit_key = "max_patterns",
          .limit = params.max_patterns,
          .min_count = params.min_count,
          .fits = fits,
          .one_in = one_in});
}

/// Collective. Before the search: what a sample shows to be too many.
void refuse_by_sample(const Sequences::Params& params, const SequenceDatabase& sequences, const Context& context) {
  const std::optional<SupportSample> sample = SupportSample::of(params.min_count);
  if (!sample) return;
  if (const auto fits = support_by_sample(params, sequences, *sample, context))
    refuse_patterns(params, *fits, sample->one_in);
}

/// Collective. The least support with at most `max_patterns`; each try stops soon after these.
std::int64_t support_that_fits(Sequences::Params params, const SequenceDatabase& sequences, const Context& context) {
  return least_support(params.min_count, [&](std::int64_t min_count) {
    params.min_count = min_count;
    return search_patterns(params, 0, sequences, context).total > params.max_patterns;
  });
}

/// By length, then falling count, then items: patterns of one length are found in the order of their items.
std::vector<SequencePattern> by_length_and_count(std::vector<SequencePattern> patterns) {
  struct Place {
    std::int64_t length, count;
    std::size_t index;
  };
  std::vector<Place> order(patterns.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = {patterns[i].length(), patterns[i].count, i};
  std::stable_sort(order.begin(), order.end(), [](const Place& a, const Place& b) {
    return a.length != b.length ? a.length < b.length : a.count > b.count;
  });
  std::vector<SequencePattern> sorted;
  sorted.reserve(order.size());
  for (const Place& place : order) sorted.push_back(std::move(patterns[place.index]));
  return sorted;
}

}  // namespace

std::int64_t SequencePattern::length() const {
  return std::count_if(steps.begin(), steps.end(), [](std::int32_t step) { return step != next_element; });
}

std::vector<SequencePattern> Sequences::mine(const Params& params, const SequenceDatabase& sequences,
                                             const Context& context) {
  refuse_by_sample(params, sequences, context);
  FoundPatterns found = search_patterns(params, 1, sequences, context);
  if (found.total > params.max_patterns) refuse_patterns(params, support_that_fits(params, sequences, context));
  std::vector<SequencePattern> patterns = std::move(found.kept);
  if (params.closed)
    patterns = closed_patterns(std::move(patterns), params.constraints.max_gap != Constraints::no_limit);
  return by_length_and_count(std::move(patterns));
}

}  // namespace cohort
