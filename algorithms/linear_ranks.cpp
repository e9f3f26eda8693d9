// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear_ranks.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <mutex>
#include <utility>

#include "algorithms/binary_metrics_bins.hpp"
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

}  // namespace

std::vector<std::vector<std::int64_t>> places_of(const std::vector<std::vector<double>>& scores,
                                                 const std::string& spill_folder, const Context& context) {
  const auto blocks = std::ssize(scores);
  const auto block_of = [&](std::int64_t b) -> const std::vector<double>& {
    return scores[static_cast<std::size_t>(b)];
  };
  const Extremes range = aggregate(context, blocks, Extremes{}, [&](int, Extremes& state, std::int64_t b) {
    for (const double x : block_of(b)) {
      state.low[0] = std::min(state.low[0], x);
      state.high[0] = std::max(state.high[0], x);
    }
  });
  const ScoreBins bins{.low = range.low[0], .high = range.high[0]};
  const BinCounts identity{std::vector<std::int64_t>(ScoreBins::count)};
  BinCounts counted = aggregate(context, blocks, identity, [&](int, BinCounts& state, std::int64_t b) {
    for (const double x : block_of(b)) ++state.counts[bins.of(x)];
  });
  std::vector<std::int64_t>& above = counted.counts;  // of each bin: the scores in higher ones
  std::int64_t total = 0;
  for (std::size_t bin = above.size(); bin-- > 0;) total += std::exchange(above[bin], total);

  Repartition exchange(context, ScoreBins::count, spill_folder, context.memory_per_rank / 4);
  collectively(context.comm, [&] {
    parallel_for(context.threads, blocks, [&](int worker, std::int64_t b) {
      for (std::size_t i = 0; i < block_of(b).size(); ++i) {
        const Travelling record{block_of(b)[i], context.comm.rank(), b, static_cast<std::int64_t>(i)};
        const auto bin = static_cast<std::int64_t>(bins.of(record.score));
        std::memcpy(exchange.append(worker, bin, sizeof record), &record, sizeof record);
      }
    });
  });
  std::vector<std::vector<Placed>> back(static_cast<std::size_t>(context.comm.size()));
  std::mutex mutex;
  exchange.deliver(nullptr, [&](std::int64_t bin, std::span<const std::span<const std::byte>> pieces) {
    std::vector<Travelling> records = records_of<Travelling>(pieces);
    std::ranges::sort(records, std::greater<>(), &Travelling::score);
    const std::lock_guard lock(mutex);
    std::int64_t place = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (i == 0 || records[i].score != records[i - 1].score) {
        place = above[static_cast<std::size_t>(bin)] + static_cast<std::int64_t>(i) + 1;
      }
      back[static_cast<std::size_t>(records[i].rank)].push_back({records[i].block, records[i].row, place});
    }
  });
  std::vector<Bytes> messages;
  for (const std::vector<Placed>& placed : back) messages.push_back(to_bytes(std::span(placed)));
  std::vector<std::vector<std::int64_t>> places;
  for (const std::vector<double>& block : scores) places.emplace_back(block.size());
  for (const Bytes& message : context.comm.exchange(std::move(messages))) {
    std::vector<Placed> placed;
    append_values(message, placed);
    for (const Placed& one : placed)
      places[static_cast<std::size_t>(one.block)][static_cast<std::size_t>(one.row)] = one.place;
  }
  return places;
}

}  // namespace cohort
