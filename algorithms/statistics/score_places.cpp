// SPDX-License-Identifier: Apache-2.0
#include "algorithms/statistics/score_places.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <utility>

#include "algorithms/statistics/score_bins.hpp"
#include "core/aggregate.hpp"
#include "core/gather.hpp"
#include "core/repartition.hpp"

namespace cohort {
namespace {

struct PartCounts {
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
using Places = std::vector<std::vector<std::int64_t>>;

/// Values that cut the scores into parts of about equal size: what is equal to one is a part of its own, what lies
/// between two is another (Sanders and Winkel, "Super scalar sample sort", ESA 2004). A score that many rows share is
/// all but surely a cut. No place depends on which they are.
class Cuts {
 public:
  explicit Cuts(std::vector<double> sample) {
    std::ranges::sort(sample);
    for (std::size_t i = 0; i < sample.size(); i += sampled_a_cut) {
      if (cuts_.empty() || sample[i] != cuts_.back()) cuts_.push_back(sample[i]);
    }
  }
  /// Parts, the lowest scores first.
  [[nodiscard]] std::size_t count() const { return 2 * cuts_.size() + 1; }
  [[nodiscard]] std::size_t part_of(double score) const {
    const auto cut = std::ranges::lower_bound(cuts_, score);
    const auto below = 2 * static_cast<std::size_t>(cut - cuts_.begin());
    return cut != cuts_.end() && *cut == score ? below + 1 : below;
  }
  /// Whether the scores of a part are equal, so that they share one place.
  [[nodiscard]] static bool of_equals(std::size_t part) { return part % 2 == 1; }

 private:
  static constexpr std::size_t sampled_a_cut = 16;
  std::vector<double> cuts_;
};

/// Collective. Cuts at every so many scores of all ranks.
Cuts cut(const Scores& scores, const Context& context) {
  constexpr std::int64_t sampled = 32768;
  std::array<std::int64_t, 1> rows{};
  for (const std::vector<double>& block : scores) rows[0] += std::ssize(block);
  context.comm.all_reduce(rows, {});
  const std::int64_t one_in = std::max<std::int64_t>(1, rows[0] / sampled);
  std::vector<double> mine, all;
  std::int64_t row = 0;
  for (const std::vector<double>& block : scores) {
    for (const double x : block) {
      if (row++ % one_in == 0) mine.push_back(x);
    }
  }
  for (const Bytes& from : context.comm.all_gather(to_bytes(std::span<const double>(mine)))) append_values(from, all);
  return Cuts(std::move(all));
}

/// Collective. How many scores lie in the parts above each part.
std::vector<std::int64_t> counts_above(const Scores& scores, const Cuts& cuts, const Context& context) {
  const PartCounts identity{std::vector<std::int64_t>(cuts.count())};
  PartCounts counted = aggregate(context, std::ssize(scores), identity, [&](int, PartCounts& state, std::int64_t b) {
    for (const double x : scores[static_cast<std::size_t>(b)]) ++state.counts[cuts.part_of(x)];
  });
  std::int64_t total = 0;
  for (std::size_t part = cuts.count(); part-- > 0;) total += std::exchange(counted.counts[part], total);
  return std::move(counted.counts);
}

/// Collective. Gives their place to scores that are cuts, and sends the others to their part.
void send(const Scores& scores, const Cuts& cuts, const std::vector<std::int64_t>& above, Places& places,
          Repartition& exchange, const Context& context) {
  collectively(context.comm, [&] {
    parallel_for(context.threads, std::ssize(scores), [&](int worker, std::int64_t b) {
      const std::vector<double>& block = scores[static_cast<std::size_t>(b)];
      for (std::size_t i = 0; i < block.size(); ++i) {
        const std::size_t part = cuts.part_of(block[i]);
        if (Cuts::of_equals(part)) {
          places[static_cast<std::size_t>(b)][i] = above[part] + 1;
          continue;
        }
        const Travelling record{block[i], context.comm.rank(), b, static_cast<std::int64_t>(i)};
        std::memcpy(exchange.append(worker, static_cast<std::int64_t>(part), sizeof record), &record, sizeof record);
      }
    });
  });
}

/// Collective. The places of the scores in this rank's parts, by the rank they came from.
std::vector<std::vector<Placed>> place(Repartition& exchange, const std::vector<std::int64_t>& above,
                                       const Context& context) {
  std::vector<std::vector<Placed>> back(static_cast<std::size_t>(context.comm.size()));
  std::mutex mutex;
  exchange.deliver(nullptr, [&](std::int64_t part, std::span<const std::span<const std::byte>> pieces) {
    std::vector<Travelling> records = records_of<Travelling>(pieces);
    std::ranges::sort(records, std::greater<>(), &Travelling::score);
    const std::lock_guard lock(mutex);
    std::int64_t at = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const bool tie = i > 0 && records[i].score == records[i - 1].score;
      if (!tie) at = above[static_cast<std::size_t>(part)] + static_cast<std::int64_t>(i) + 1;
      back[static_cast<std::size_t>(records[i].rank)].push_back({records[i].block, records[i].row, at});
    }
  });
  return back;
}

}  // namespace

Places places_of(const Scores& scores, const std::string& spill_folder, const Context& context) {
  const Cuts cuts = cut(scores, context);
  const std::vector<std::int64_t> above = counts_above(scores, cuts, context);
  Places places;
  for (const std::vector<double>& block : scores) places.emplace_back(block.size());
  Repartition exchange(context, static_cast<std::int64_t>(cuts.count()), spill_folder, context.memory_per_rank / 4);
  send(scores, cuts, above, places, exchange, context);
  std::vector<Bytes> messages;
  for (const std::vector<Placed>& placed : place(exchange, above, context)) {
    messages.push_back(to_bytes(std::span(placed)));
  }
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
