// SPDX-License-Identifier: Apache-2.0
#include "algorithms/statistics/score_places.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <mutex>
#include <utility>

#include "algorithms/statistics/score_bins.hpp"
#include "core/aggregate.hpp"
#include "core/gather.hpp"
#include "core/repartition.hpp"

namespace cohort {
namespace {

struct Extremes {
  std::vector<double> low{std::numeric_limits<double>::infinity()}, high{-std::numeric_limits<double>::infinity()};
  void parts(Parts& parts) {
    parts.min(low);
    parts.max(high);
  }
};

struct BinCounts {
  std::vector<std::int64_t> counts;
  void parts(Parts& parts) { parts.sum(counts); }
};

/// A score on its way, and what comes back.
struct Travelling {
  double score;
  std::int64_t rank, block, row;
};
struct Placed {
  std::int64_t block, row, place;
};

using Scores = std::vector<std::vector<double>>;

/// Collective. Bins over the range of all scores.
ScoreBins bins_over(const Scores& scores, const Context& context) {
  const Extremes range = aggregate(context, std::ssize(scores), Extremes{}, [&](int, Extremes& state, std::int64_t b) {
    for (const double x : scores[static_cast<std::size_t>(b)]) {
      state.low[0] = std::min(state.low[0], x);
      state.high[0] = std::max(state.high[0], x);
    }
  });
  return {.low = range.low[0], .high = range.high[0]};
}

/// Collective. How many scores lie in the bins above each bin.
std::vector<std::int64_t> counts_above(const Scores& scores, const ScoreBins& bins, const Context& context) {
  const BinCounts identity{std::vector<std::int64_t>(ScoreBins::count)};
  BinCounts counted = aggregate(context, std::ssize(scores), identity, [&](int, BinCounts& state, std::int64_t b) {
    for (const double x : scores[static_cast<std::size_t>(b)]) ++state.counts[bins.of(x)];
  });
  std::int64_t total = 0;
  for (std::size_t bin = ScoreBins::count; bin-- > 0;) total += std::exchange(counted.counts[bin], total);
  return std::move(counted.counts);
}

/// Collective. Sends every score to its bin.
void send(const Scores& scores, const ScoreBins& bins, Repartition& exchange, const Context& context) {
  collectively(context.comm, [&] {
    parallel_for(context.threads, std::ssize(scores), [&](int worker, std::int64_t b) {
      const std::vector<double>& block = scores[static_cast<std::size_t>(b)];
      for (std::size_t i = 0; i < block.size(); ++i) {
        const Travelling record{block[i], context.comm.rank(), b, static_cast<std::int64_t>(i)};
        const auto bin = static_cast<std::int64_t>(bins.of(record.score));
        std::memcpy(exchange.append(worker, bin, sizeof record), &record, sizeof record);
      }
    });
  });
}

/// Collective. The places of the scores in this rank's bins, by the rank they came from.
std::vector<std::vector<Placed>> place(Repartition& exchange, const std::vector<std::int64_t>& above,
                                       const Context& context) {
  std::vector<std::vector<Placed>> back(static_cast<std::size_t>(context.comm.size()));
  std::mutex mutex;
  exchange.deliver(nullptr, [&](std::int64_t bin, std::span<const std::span<const std::byte>> pieces) {
    std::vector<Travelling> records = records_of<Travelling>(pieces);
    std::ranges::sort(records, std::greater<>(), &Travelling::score);
    const std::lock_guard lock(mutex);
    std::int64_t at = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const bool tie = i > 0 && records[i].score == records[i - 1].score;
      if (!tie) at = above[static_cast<std::size_t>(bin)] + static_cast<std::int64_t>(i) + 1;
      back[static_cast<std::size_t>(records[i].rank)].push_back({records[i].block, records[i].row, at});
    }
  });
  return back;
}

}  // namespace

std::vector<std::vector<std::int64_t>> places_of(const Scores& scores, const std::string& spill_folder,
                                                 const Context& context) {
  const ScoreBins bins = bins_over(scores, context);
  const std::vector<std::int64_t> above = counts_above(scores, bins, context);
  Repartition exchange(context, ScoreBins::count, spill_folder, context.memory_per_rank / 4);
  send(scores, bins, exchange, context);
  std::vector<Bytes> messages;
  for (const std::vector<Placed>& placed : place(exchange, above, context)) {
    messages.push_back(to_bytes(std::span(placed)));
  }
  std::vector<std::vector<std::int64_t>> places;
  for (const std::vector<double>& block : scores) places.emplace_back(block.size());
  for (const Bytes& message : context.comm.exchange(std::move(messages))) {
    std::vector<Placed> placed;
    append_values(message, placed);
    for (const Placed& one : placed) {
      places[static_cast<std::size_t>(one.block)][static_cast<std::size_t>(one.row)] = one.place;
    }
  }
  return places;
}

}  // namespace cohort
