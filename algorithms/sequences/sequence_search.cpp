// SPDX-License-Identifier: Apache-2.0
#include "algorithms/sequences/sequence_search.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "algorithms/baskets/support_guard.hpp"
#include "algorithms/sequences/sequence_growth.hpp"
#include "algorithms/sequences/sequence_node.hpp"
#include "core/collectively.hpp"
#include "core/threads.hpp"

namespace cohort {
namespace {

using Items = std::span<const std::int32_t>;
using Node = SequenceNode;

constexpr std::int64_t batch_counts = std::int64_t{1} << 20;  ///< candidates in one all-reduce
constexpr std::int64_t most_empty = 32;                       ///< columns of planes to one with a place
constexpr std::int64_t nodes_a_thread_takes = 16;

/// Depth first over the prefix tree, in chunks of nodes that fit the memory; all ranks take the same steps, since they
/// decide from the same counts.
class Search {
 public:
  Search(const Sequences::Params& params, std::int64_t keep_one_in, const SequenceDatabase& sequences,
         std::span<const std::int32_t> item_of, const Context& context)
      : params_(params),
        keep_one_in_(keep_one_in),
        item_of_(item_of),
        context_(context),
        growth_(sequences, params.constraints, context.threads) {
    // Ranks must agree on the candidates, and on how many nodes fit the smallest memory.
    std::vector<std::int64_t> agreed{-context.memory_per_rank, growth_.single() ? 0 : 1};
    context.comm.all_reduce({}, agreed);
    // All levels together stay within a quarter of the memory at 16 levels.
    chunk_weight_ =
        std::max<std::int64_t>(1 << 16, -agreed[0] / (4 * 16 * static_cast<std::int64_t>(sizeof(Occurrence))));
    single_ = agreed[1] == 0;
    columnar_ = single_ && !params.constraints.bounded() && params.constraints.min_gap <= 1;
  }

  FoundPatterns run(std::span<const std::int64_t> counts) {
    std::vector<std::int32_t> all(counts.size());
    std::iota(all.begin(), all.end(), 0);
    std::vector<Node> roots(counts.size());
    for (std::size_t i = 0; i < roots.size(); ++i) {
      roots[i].count = counts[i];
      roots[i].item = all[i];
      roots[i].steps = Items(all).subspan(i, 1);
      roots[i].later = all;
      if (!single_) roots[i].same = Items(all).subspan(i + 1);
      keep({}, roots[i]);
    }
    if (params_.constraints.max_len > 1 && !too_many()) {
      growth_.place_roots(roots);
      expand(roots, 1);
    }
    return std::move(found_);
  }

 private:
  /// Collective. Counts what may follow each node, all of `length` items, then grows the frequent ones, chunk by chunk.
  void expand(std::span<Node> nodes, std::int64_t length) {
    FrequentItems frequent;
    std::vector<Node> children;
    for (std::size_t begin = 0, end = 0; begin < nodes.size(); begin = end) {
      std::int64_t candidates = 0;
      while (end < nodes.size() && (end == begin || candidates < batch_counts)) candidates += nodes[end++].candidates();
      count_batch(nodes, begin, end, candidates, frequent, children);
      if (too_many()) return;
    }
    if (length + 1 >= params_.constraints.max_len) return;
    if (by_pairs() && length == 1) pairs_ = frequent;
    const std::vector<std::int32_t> steps = give_steps(children, nodes);
    for (Node& child : children) give_candidates(child, by_pairs() ? pairs_ : frequent);
    std::erase_if(children, [](const Node& child) { return child.candidates() == 0; });
    for (std::size_t begin = 0, end = 0; begin < children.size(); begin = end) {
      std::int64_t weight = 0;
      while (end < children.size() && (end == begin || weight + children[end].weight <= chunk_weight_)) {
        weight += children[end++].weight;
      }
      const std::span<Node> chunk = std::span(children).subspan(begin, end - begin);
      project(nodes, chunk);
      expand(chunk, length + 1);
      if (too_many()) return;
      for (Node& node : chunk) node.forget();
    }
  }

  [[nodiscard]] bool by_pairs() const { return params_.constraints.max_gap != Sequences::Constraints::no_limit; }

  /// Collective. Appends to `frequent` and `children` what nodes [begin, end) give.
  void count_batch(std::span<const Node> nodes, std::size_t begin, std::size_t end, std::int64_t candidates,
                   FrequentItems& frequent, std::vector<Node>& children) {
    std::vector<std::int64_t> counts(static_cast<std::size_t>(candidates)), weights(counts.size());
    count_nodes(nodes.subspan(begin, end - begin), counts, weights);
    context_.comm.all_reduce(counts, weights);
    for (std::size_t n = begin, at = 0; n < end; ++n) {
      const std::size_t first = children.size();
      for (const bool joined : {false, true}) {
        for (const std::int32_t item : joined ? nodes[n].same : nodes[n].later) {
          if (counts[at] >= params_.min_count) {
            frequent.add(item);
            children.push_back({.count = counts[at],
                                .weight = weights[at],
                                .parent = static_cast<std::int64_t>(n),
                                .item = item,
                                .joined = joined});
            keep(nodes[n].steps, children.back());
          }
          ++at;
        }
        frequent.end();
      }
      choose_columns(nodes[n], std::span(children).subspan(first));
    }
  }

  void count_nodes(std::span<const Node> nodes, std::vector<std::int64_t>& counts, std::vector<std::int64_t>& weights) {
    std::vector<std::size_t> offsets{0};
    for (const Node& node : nodes) offsets.push_back(offsets.back() + static_cast<std::size_t>(node.candidates()));
    // The nodes of a large batch are small.
    const std::int64_t run = std::clamp<std::int64_t>(std::ssize(nodes) / 256, 1, nodes_a_thread_takes);
    collectively(context_.comm, [&] {
      parallel_for(context_.threads, (std::ssize(nodes) + run - 1) / run, [&](int worker, std::int64_t i) {
        const auto end = static_cast<std::size_t>(std::min((i + 1) * run, std::ssize(nodes)));
        for (auto n = static_cast<std::size_t>(i * run); n < end; ++n) {
          growth_.count(nodes[n], static_cast<std::size_t>(worker), &counts[offsets[n]], &weights[offsets[n]]);
        }
      });
    });
  }

  /// Columns pay where not most of them would be empty. Below them all nodes are held so, in at most twice as many
  /// columns as the parent needs.
  void choose_columns(const Node& parent, std::span<Node> children) const {
    if (!columnar_) return;
    std::int64_t filled = 0;
    for (const Node& child : children) filled += child.count;
    if (!parent.columnar && most_empty * filled < parent.count * std::ssize(children)) return;
    for (Node& child : children) {
      child.columnar = true;
      child.weight = std::max(child.weight, parent.weight / 2);
    }
  }

  /// What the steps of all children lie in: nothing may be added to it.
  [[nodiscard]] static std::vector<std::int32_t> give_steps(std::span<Node> children, std::span<const Node> parents) {
    std::size_t total = 0;
    const auto parent_of = [&](const Node& child) -> const Node& {
      return parents[static_cast<std::size_t>(child.parent)];
    };
    for (const Node& child : children) total += parent_of(child).steps.size() + (child.joined ? 1 : 2);
    std::vector<std::int32_t> steps;
    steps.reserve(total);
    for (Node& child : children) {
      const std::size_t first = steps.size();
      append_steps(parent_of(child).steps, child, steps);
      child.steps = Items(steps).subspan(first);
    }
    return steps;
  }

  static void append_steps(Items parent, const Node& child, std::vector<std::int32_t>& out) {
    out.insert(out.end(), parent.begin(), parent.end());
    if (!parent.empty() && !child.joined) out.push_back(SequencePattern::next_element);
    out.push_back(child.item);
  }

  /// What may follow a child also follows its parent, unless dropping an element widens a gap beyond its limit: then it
  /// still follows the child's last item.
  void give_candidates(Node& child, const FrequentItems& frequent) const {
    const auto from = static_cast<std::size_t>(by_pairs() ? child.item : child.parent);
    child.later = frequent.later(from);
    child.same = frequent.same(from);
    if (by_pairs()) return;
    const Items joining = child.joined ? child.same : child.later;
    child.same = joining.subspan(
        static_cast<std::size_t>(std::upper_bound(joining.begin(), joining.end(), child.item) - joining.begin()));
    if (single_) child.same = {};
  }

  /// Finds each node of `chunk` in the sequences: one scan of a parent serves all its children.
  void project(std::span<const Node> parents, std::span<Node> chunk) {
    std::vector<std::size_t> groups{0};
    for (std::size_t i = 1; i <= chunk.size(); ++i) {
      if (i == chunk.size() || chunk[i].parent != chunk[i - 1].parent) groups.push_back(i);
    }
    collectively(context_.comm, [&] {
      parallel_for(context_.threads, std::ssize(groups) - 1, [&](int worker, std::int64_t g) {
        const auto at = static_cast<std::size_t>(g);
        const std::span<Node> children = chunk.subspan(groups[at], groups[at + 1] - groups[at]);
        growth_.project(parents[static_cast<std::size_t>(children.front().parent)], children,
                        static_cast<std::size_t>(worker));
      });
    });
  }

  void keep(Items parent, const Node& node) {
    const std::int64_t place = found_.total++;
    if (keep_one_in_ == 0 || (keep_one_in_ > 1 && !draws_row("sampled patterns", place, keep_one_in_))) return;
    SequencePattern& pattern = found_.kept.emplace_back();
    pattern.count = node.count;
    pattern.steps.reserve(parent.size() + 2);
    append_steps(parent, node, pattern.steps);
    for (std::int32_t& step : pattern.steps) {
      if (step != SequencePattern::next_element) step = item_of_[static_cast<std::size_t>(step)];
    }
  }
  [[nodiscard]] bool too_many() const { return found_.total > params_.max_patterns; }

  const Sequences::Params& params_;
  std::int64_t keep_one_in_;
  std::span<const std::int32_t> item_of_;
  const Context& context_;
  SequenceGrowth growth_;
  std::int64_t chunk_weight_ = 0;
  bool single_ = false;    ///< no element of any rank has two items
  bool columnar_ = false;  ///< planes serve the constraints
  FrequentItems pairs_;    ///< under max_gap: what follows each item
  FoundPatterns found_;
};

}  // namespace

FoundPatterns search_patterns(const Sequences::Params& params, std::int64_t keep_one_in,
                              const SequenceDatabase& sequences, const Context& context) {
  std::vector<std::int32_t> number(static_cast<std::size_t>(sequences.n_items), -1), item_of;
  std::vector<std::int64_t> counts;
  const std::vector<std::int64_t> all = count_items(sequences, context);
  for (std::size_t item = 0; item < all.size(); ++item) {
    if (all[item] < params.min_count) continue;
    number[item] = static_cast<std::int32_t>(counts.size());
    item_of.push_back(static_cast<std::int32_t>(item));
    counts.push_back(all[item]);
  }
  if (counts.empty()) return {};
  const SequenceDatabase frequent = with_items(sequences, number, static_cast<std::int32_t>(counts.size()));
  return Search(params, keep_one_in, frequent, item_of, context).run(counts);
}

}  // namespace cohort
