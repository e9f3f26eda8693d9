// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/itemsets_classes.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/progress.hpp"
#include "core/threads.hpp"

namespace cohort {
namespace {

/// A class is split when it costs more than this share of a rank's work, and into this many parts at most.
constexpr double split_share = 0.125;
constexpr std::int32_t most_slices = 16;

struct CostedUnit {
  MiningUnit unit;
  double cost;
};

/// Expected pairs inside each class: the product of supports, as if items were independent. Dense data cost more than
/// that, exponentially so: there every class is split.
std::vector<CostedUnit> cost_units(const ItemCatalogue& items, int ranks) {
  std::vector<double> costs;
  double before = 0, total = 0;
  for (const std::int64_t count : items.counts) {
    const auto c = static_cast<double>(count);
    costs.push_back(c * before / static_cast<double>(items.baskets) + 1);
    before += c;
    total += costs.back();
  }
  const double target = split_share * total / ranks;
  const double average_basket = before / static_cast<double>(std::max<std::int64_t>(1, items.baskets));
  const bool dense = average_basket > 0.05 * items.size();
  std::vector<CostedUnit> units;
  for (std::int32_t i = 0; i < items.size(); ++i) {
    const double cost = costs[static_cast<std::size_t>(i)];
    const auto by_cost = static_cast<std::int32_t>(std::min(cost / target, 1.0 * most_slices)) + 1;
    const std::int32_t slices = std::min({dense ? std::max(4, by_cost) : by_cost, most_slices, std::max(1, i)});
    for (std::int32_t s = 0; s < slices; ++s) units.push_back({{i, s, slices}, cost / slices});
  }
  // Among equals the rarer item first: its class has the longer tail.
  std::stable_sort(units.begin(), units.end(), [](const CostedUnit& a, const CostedUnit& b) {
    return a.cost != b.cost ? a.cost > b.cost : a.unit.item > b.unit.item;
  });
  return units;
}

std::vector<std::vector<MiningUnit>> share_out(const std::vector<CostedUnit>& units, std::int64_t groups) {
  std::vector<std::vector<MiningUnit>> shared(static_cast<std::size_t>(groups));
  std::vector<double> loads(shared.size(), 0);
  for (const CostedUnit& unit : units) {
    const auto least = static_cast<std::size_t>(std::min_element(loads.begin(), loads.end()) - loads.begin());
    loads[least] += unit.cost;
    shared[least].push_back(unit.unit);
  }
  return shared;
}

std::vector<char> items_of(std::span<const MiningUnit> units, std::int32_t items) {
  std::vector<char> mined(static_cast<std::size_t>(items), 0);
  for (const MiningUnit& unit : units) mined[static_cast<std::size_t>(unit.item)] = 1;
  return mined;
}

/// What a group needs of a basket: its items up to the rarest that the group mines, or all if one is mined.
std::span<const std::int32_t> needed(std::span<const std::int32_t> basket, const std::vector<char>& mined, bool whole) {
  for (std::size_t length = basket.size(); length > 1; --length) {
    if (mined[static_cast<std::size_t>(basket[length - 1])] != 0) return whole ? basket : basket.first(length);
  }
  return whole && !basket.empty() && mined[static_cast<std::size_t>(basket[0])] != 0 ? basket : basket.first(0);
}

/// Collective. The most bytes of baskets that a rank would hold for one group.
std::int64_t largest_group(const Transactions& mine, const ClassPlan& plan, std::int32_t items, bool whole,
                           const Context& context) {
  std::vector<std::int64_t> bytes(plan.groups.size(), 0);
  parallel_for(context.threads, std::ssize(plan.groups), [&](int, std::int64_t g) {
    const std::vector<char> mined = items_of(plan.groups[static_cast<std::size_t>(g)], items);
    std::int64_t& sum = bytes[static_cast<std::size_t>(g)];
    for (std::int64_t b = 0; b < mine.size(); ++b) {
      const auto length = std::ssize(needed(mine[b], mined, whole));
      sum += length > 0 ? 4 * length + 8 : 0;
    }
  });
  context.comm.all_reduce(bytes, {});
  return *std::max_element(bytes.begin(), bytes.end());
}

/// Hands out parts of the search, the dearest first, those of one class to one worker while there are other classes:
/// opening one costs as much as mining a part of it.
class UnitQueue {
 public:
  UnitQueue(std::span<const MiningUnit> units, int workers)
      : units_(units), mine_(static_cast<std::size_t>(workers), units.size()) {
    for (std::size_t u = 0; u < units.size(); ++u) {
      if (u == 0 || units[u].item != units[u - 1].item) classes_.emplace_back(u);
      classes_.back().end = u + 1;
    }
  }

  /// To be called once for each unit, by any worker.
  const MiningUnit& take(int worker) {
    std::size_t& mine = mine_[static_cast<std::size_t>(worker)];
    while (true) {
      if (mine < classes_.size()) {
        const std::size_t unit = classes_[mine].next++;
        if (unit < classes_[mine].end) return units_[unit];
      }
      // Those that no worker has begun, then what is left of the others'.
      mine = unbegun_ < classes_.size() ? unbegun_++ : (mine + 1) % classes_.size();
    }
  }

 private:
  struct Class {
    explicit Class(std::size_t first) : next(first) {}
    std::atomic<std::size_t> next;
    std::size_t end = 0;
  };
  std::span<const MiningUnit> units_;
  std::deque<Class> classes_;
  std::atomic<std::size_t> unbegun_ = 0;
  std::vector<std::size_t> mine_;  ///< the class of each worker
};

}  // namespace

ClassPlan plan_classes(const Transactions& mine, const ItemCatalogue& items, ItemsetKind kind, const Context& context) {
  const std::int64_t limit = context.memory_per_rank / 4;
  const std::vector<CostedUnit> units = cost_units(items, context.comm.size());
  for (std::int64_t rounds = 1;; rounds *= 2) {
    ClassPlan plan{rounds, share_out(units, rounds * context.comm.size())};
    const std::int64_t largest = largest_group(mine, plan, items.size(), kind != ItemsetKind::frequent, context);
    // A basket travels as a length and its items, and is indexed by item: about three times its own bytes. Places are
    // of 32 bits.
    const bool fits = 3 * largest <= limit && largest / 4 <= std::numeric_limits<std::uint32_t>::max();
    if (fits || items.size() == 0) return plan;
    if (rounds > std::ssize(units)) {
      throw Error(
          ExitCode::plan_refused,
          fmt::format("the baskets of one item need {} bytes, more than a quarter of memory_per_rank", 3 * largest),
          "give run.memory_per_rank more, or raise min_support");
    }
  }
}

Classes::Classes(Transactions mine, const ItemCatalogue& items, ItemsetKind kind, const Context& context)
    : mine_(std::move(mine)),
      items_(items),
      context_(context),
      whole_baskets_(kind != ItemsetKind::frequent),
      plan_(plan_classes(mine_, items, kind, context)) {}

std::span<const MiningUnit> Classes::units_of(std::int64_t round, int rank) const {
  return plan_.groups[static_cast<std::size_t>(round * context_.comm.size() + rank)];
}

/// Collective. Sends each rank what its group of this round needs of every basket.
Transactions Classes::ship(std::int64_t round) const {
  const auto ranks = static_cast<std::size_t>(context_.comm.size());
  std::vector<Bytes> to(ranks);
  collectively(context_.comm, [&] {
    parallel_for(context_.threads, static_cast<std::int64_t>(ranks), [&](int, std::int64_t r) {
      const std::vector<char> mined = items_of(units_of(round, static_cast<int>(r)), items_.size());
      // Twice over the baskets, so that the message is made in place: how many they are, then each after its length.
      std::int64_t length = 1, baskets = 0;
      for (std::int64_t b = 0; b < mine_.size(); ++b) {
        const std::int64_t part = std::ssize(needed(mine_[b], mined, whole_baskets_));
        length += part > 0 ? part + 1 : 0;
        baskets += part > 0 ? 1 : 0;
      }
      Bytes& message = to[static_cast<std::size_t>(r)];
      message.resize(static_cast<std::size_t>(length) * sizeof(std::int32_t));
      auto* out = reinterpret_cast<std::int32_t*>(message.data());
      *out++ = static_cast<std::int32_t>(baskets);
      for (std::int64_t b = 0; b < mine_.size(); ++b) {
        const std::span<const std::int32_t> part = needed(mine_[b], mined, whole_baskets_);
        if (part.empty()) continue;
        *out++ = static_cast<std::int32_t>(part.size());
        out = std::copy(part.begin(), part.end(), out);
      }
    });
  });
  std::vector<Bytes> messages = context_.comm.exchange(std::move(to));
  std::size_t items = 0, baskets = 1;
  for (const Bytes& from : messages) {
    const auto of_rank = static_cast<std::size_t>(*reinterpret_cast<const std::int32_t*>(from.data()));
    baskets += of_rank;
    items += from.size() / sizeof(std::int32_t) - 1 - of_rank;
  }
  Transactions received;
  received.items.reserve(items);
  received.offsets.reserve(baskets);
  for (Bytes& message : messages) {
    const Bytes from = std::move(message);
    const auto* at = reinterpret_cast<const std::int32_t*>(from.data());
    const auto* const end = at + from.size() / sizeof(std::int32_t);
    for (++at; at < end; at += *at + 1) received.add({at + 1, static_cast<std::size_t>(*at)});
  }
  return received;
}

/// Collective. Brings this rank's baskets of a round and indexes them; a single rank has them already.
void Classes::hold(std::int64_t round) {
  if (held_round_ == round) return;
  held_.reset();
  Transactions baskets = context_.comm.size() * plan_.rounds == 1 ? std::move(mine_) : ship(round);
  if (plan_.rounds == 1) mine_ = {};
  collectively(context_.comm, [&] {
    const std::vector<char> mined = items_of(units_of(round, context_.comm.rank()), items_.size());
    held_.emplace(std::move(baskets), mined, whole_baskets_, context_.threads);
  });
  held_round_ = round;
}

/// Local. Threads take the parts of this rank's group, the dearest first.
void Classes::mine_round(const MiningTask& task, std::int64_t round, Outcome& outcome) const {
  const std::span<const MiningUnit> units = units_of(round, context_.comm.rank());
  MiningTotals totals;
  totals.most_bytes = context_.memory_per_rank / 4;
  std::vector<std::unique_ptr<ClassMiner>> miners(static_cast<std::size_t>(context_.threads));
  UnitQueue queue(units, context_.threads);
  Progress progress(context_.show_progress, "mining itemsets", std::ssize(units));
  parallel_for(context_.threads, std::ssize(units), [&](int worker, std::int64_t) {
    std::unique_ptr<ClassMiner>& miner = miners[static_cast<std::size_t>(worker)];
    if (!miner) miner = std::make_unique<ClassMiner>(task, *held_, items_, totals);
    miner->mine(queue.take(worker));
    progress.advance();
  });
  for (const std::unique_ptr<ClassMiner>& miner : miners) {
    if (!miner) continue;
    miner->flush();
    if (task.keep) outcome.sets.push_back(std::move(miner->found()));
  }
  outcome.total += totals.sets;
}

Classes::Outcome Classes::mine(const MiningTask& task) {
  Outcome outcome;
  for (std::int64_t round = 0; round < plan_.rounds; ++round) {
    hold(round);
    collectively(context_.comm, [&] { mine_round(task, round, outcome); });
  }
  std::array<std::int64_t, 1> total{outcome.total};
  context_.comm.all_reduce(total, {});
  outcome.total = total[0];
  return outcome;
}

}  // namespace cohort
