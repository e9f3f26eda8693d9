// SPDX-License-Identifier: Apache-2.0
#include "algorithms/sequences/sequence_estimate.hpp"

#include <algorithm>
#include <numeric>

#include "algorithms/sequences/sequence_projection.hpp"
#include "algorithms/sequences/sequence_search.hpp"
#include "core/collectively.hpp"
#include "core/threads.hpp"

namespace cohort {
namespace {

constexpr std::int64_t patterns_at_once = 64;

SequenceDatabase draw_sequences(const SequenceDatabase& sequences, std::int64_t one_in) {
  SequenceDatabase sample;
  sample.n_items = sequences.n_items;
  std::vector<std::int32_t> element;
  for (std::int64_t s = 0; s < sequences.size(); ++s) {
    const auto at = static_cast<std::size_t>(s);
    if (!draws_row("sampled sequences", sequences.rows[at], one_in)) continue;
    for (std::int64_t e = sequences.first_element[at]; e < sequences.first_element[at + 1]; ++e) {
      element.assign(sequences.items_of(e).begin(), sequences.items_of(e).end());
      sample.add_element(sequences.times[static_cast<std::size_t>(e)], element);
    }
    sample.end_sequence(sequences.rows[at]);
  }
  return sample;
}

/// Follows patterns through the sequences, item by item; what the next one shares with the one before is not followed
/// again.
class PatternWalk {
 public:
  PatternWalk(const SequenceDatabase& sequences, const Sequences::Constraints& constraints)
      : sequences_(sequences), projection_(sequences, constraints) {}

  /// Sequences of this rank with the pattern.
  std::int64_t count(const std::vector<std::int32_t>& steps) {
    const auto shared = std::ranges::mismatch(steps, steps_).in1 - steps.begin();
    while (!trail_.empty() && trail_.back().steps > shared) trail_.pop_back();
    for (auto at = trail_.empty() ? 0 : trail_.back().steps; at < std::ssize(steps); ++at) {
      if (steps[static_cast<std::size_t>(at)] != SequencePattern::next_element) follow(steps, at);
    }
    steps_ = steps;
    std::int64_t held = 0;
    for_each_sequence(trail_.back().places, [&](std::span<const Occurrence>) { ++held; });
    return held;
  }

 private:
  /// Where the first `steps` steps of the pattern end.
  struct Stop {
    std::ptrdiff_t steps;
    std::vector<Occurrence> places;
  };

  void follow(const std::vector<std::int32_t>& steps, std::ptrdiff_t at) {
    const std::int32_t wanted = steps[static_cast<std::size_t>(at)];
    Stop stop{at + 1, {}};
    const auto take = [&](std::int32_t item, const Occurrence& place) {
      const bool first = stop.places.empty() || stop.places.back().sequence != place.sequence;
      if (item == wanted && (first || projection_.windowed())) stop.places.push_back(place);
    };
    if (at == 0) {
      begin(take);
    } else {
      const auto mark = std::find(steps.rend() - at, steps.rend(), SequencePattern::next_element);
      const std::span<const std::int32_t> last(&*mark.base(),
                                               static_cast<std::size_t>(at - (mark.base() - steps.begin())));
      for_each_sequence(trail_.back().places, [&](std::span<const Occurrence> places) {
        last.empty() ? projection_.visit_later(places, take) : projection_.visit_same(places, last, take);
      });
    }
    trail_.push_back(std::move(stop));
  }

  void begin(const auto& take) const {
    for (std::int32_t s = 0; s < sequences_.size(); ++s) {
      const auto first = static_cast<std::size_t>(s);
      for (std::int64_t e = sequences_.first_element[first]; e < sequences_.first_element[first + 1]; ++e) {
        const auto element = static_cast<std::int32_t>(e);
        for (const std::int32_t item : sequences_.items_of(e)) take(item, Occurrence{s, element, element});
      }
    }
  }

  const SequenceDatabase& sequences_;
  SequenceProjection projection_;
  std::vector<std::int32_t> steps_;
  std::vector<Stop> trail_;
};

}  // namespace

std::vector<std::int64_t> count_patterns(std::span<const SequencePattern> patterns, const SequenceDatabase& sequences,
                                         const Sequences::Constraints& constraints, const Context& context) {
  std::vector<std::size_t> order(patterns.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](std::size_t i) { return patterns[i].steps; });
  std::vector<std::int64_t> counts(patterns.size(), 0);
  const std::int64_t runs = (std::ssize(patterns) + patterns_at_once - 1) / patterns_at_once;
  collectively(context.comm, [&] {
    parallel_for(context.threads, runs, [&](int, std::int64_t run) {
      PatternWalk walk(sequences, constraints);
      const std::int64_t end = std::min((run + 1) * patterns_at_once, std::ssize(order));
      for (std::int64_t i = run * patterns_at_once; i < end; ++i) {
        const std::size_t pattern = order[static_cast<std::size_t>(i)];
        counts[pattern] = walk.count(patterns[pattern].steps);
      }
    });
  });
  context.comm.all_reduce(counts, {});
  return counts;
}

std::optional<std::int64_t> support_by_sample(const Sequences::Params& params, const SequenceDatabase& sequences,
                                              const SupportSample& sample, const Context& context) {
  SequenceDatabase drawn;
  collectively(context.comm, [&] { drawn = draw_sequences(sequences, sample.one_in); });
  const auto found_at = [&](std::int64_t min_count, std::int64_t limit, std::int64_t keep_one_in) {
    Sequences::Params trial = params;
    trial.min_count = min_count;
    trial.max_patterns = limit;
    return search_patterns(trial, keep_one_in, drawn, context);
  };
  const auto above = [&](std::int64_t limit) {
    return [&, limit](std::int64_t min_count) { return found_at(min_count, limit, 0).total > limit; };
  };
  if (!above(params.max_patterns)(sample.min_count)) return std::nullopt;
  const std::int64_t widest = SupportSample::widest * params.max_patterns;
  const FoundPatterns candidates = found_at(least_support(sample.min_count - 1, above(widest)), widest,
                                            std::max<std::int64_t>(1, widest / SupportSample::drawn));
  return support_instead(candidates.total, count_patterns(candidates.kept, sequences, params.constraints, context),
                         params.min_count, params.max_patterns);
}

}  // namespace cohort
