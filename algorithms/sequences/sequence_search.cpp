// SPDX-License-Identifier: Apache-2.0
#include "algorithms/sequences/sequence_search.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "algorithms/baskets/support_guard.hpp"
#include "algorithms/sequences/sequence_node.hpp"
#include "algorithms/sequences/sequence_projection.hpp"
#include "core/collectively.hpp"
#include "core/threads.hpp"

namespace cohort {
namespace {

using Items = std::span<const std::int32_t>;
using Node = SequenceNode;
using Tally = SequenceTally;

constexpr std::int64_t batch_counts = std::int64_t{1} << 20;  ///< candidates in one all-reduce

/// Depth first over the prefix tree, in chunks of nodes that fit the memory; all ranks take the same steps, since they
/// decide from the same counts.
class Search {
 public:
  Search(const Sequences::Params& params, std::int64_t keep_one_in, const SequenceDatabase& sequences,
         const Context& context)
      : params_(params),
        keep_one_in_(keep_one_in),
        context_(context),
        sequences_(sequences),
        projection_(sequences, params.constraints),
        last_(sequences),
        chunk_weight_(chunk_weight()) {
    tallies_.assign(static_cast<std::size_t>(context.threads), Tally(sequences.n_items));
    slots_.assign(tallies_.size(), std::vector<Slot>(2 * static_cast<std::size_t>(sequences.n_items)));
  }

  FoundPatterns run(std::span<const std::int64_t> counts) {
    std::vector<std::int32_t> all(counts.size());
    std::iota(all.begin(), all.end(), 0);
    std::vector<Node> roots(counts.size());
    for (std::size_t i = 0; i < roots.size(); ++i) {
      roots[i].pattern = {.steps = {all[i]}, .count = counts[i]};
      roots[i].later = all;
      roots[i].same = Items(all).subspan(i + 1);
      keep(roots[i].pattern);
    }
    if (params_.constraints.max_len > 1 && !too_many()) {
      place_roots(roots);
      expand(roots);
    }
    return std::move(found_);
  }

 private:
  struct Frequent {
    std::vector<std::int32_t> later, same;
  };
  /// Where one worker puts the places of an item's pattern, and the sequence it was last seen in.
  struct Slot {
    Node* child = nullptr;
    std::int32_t sequence = -1;
  };

  /// Collective. Occurrences that one level of the search may hold: all levels together stay within a quarter of the
  /// smallest rank's memory at 16 levels.
  [[nodiscard]] std::int64_t chunk_weight() const {
    std::int64_t least = -context_.memory_per_rank;
    context_.comm.all_reduce({}, std::span(&least, 1));
    return std::max<std::int64_t>(1 << 16, -least / (4 * 16 * static_cast<std::int64_t>(sizeof(Occurrence))));
  }

  void place_roots(std::vector<Node>& roots) const {
    for (std::int32_t s = 0; s < sequences_.size(); ++s) {
      const auto at = static_cast<std::size_t>(s);
      for (std::int64_t e = sequences_.first_element[at]; e < sequences_.first_element[at + 1]; ++e) {
        for (const std::int32_t item : sequences_.items_of(e)) {
          const auto element = static_cast<std::int32_t>(e);
          std::vector<Occurrence>& places = roots[static_cast<std::size_t>(item)].places;
          if (projection_.windowed() || places.empty() || places.back().sequence != s) {
            places.push_back({s, element, element});
          }
        }
      }
    }
  }

  /// Collective. Counts what may follow each node, then grows the frequent ones, chunk by chunk.
  void expand(std::vector<Node>& nodes) {
    std::vector<Frequent> frequent(nodes.size());
    std::vector<Node> children;
    for (std::size_t begin = 0, end = 0; begin < nodes.size(); begin = end) {
      std::int64_t candidates = 0;
      while (end < nodes.size() && (end == begin || candidates < batch_counts)) candidates += nodes[end++].candidates();
      count_batch(nodes, begin, end, candidates, frequent, children);
      if (too_many()) return;
    }
    if (by_pairs() && pairs_.empty()) pairs_ = frequent;  // only the roots come first
    for (Node& child : children) give_candidates(child, nodes, frequent);
    std::erase_if(children, [this](const Node& child) {
      return child.candidates() == 0 || child.pattern.length() >= params_.constraints.max_len;
    });
    for (std::size_t begin = 0, end = 0; begin < children.size(); begin = end) {
      std::int64_t weight = 0;
      while (end < children.size() && (end == begin || weight + children[end].weight <= chunk_weight_)) {
        weight += children[end++].weight;
      }
      std::vector<Node> chunk(std::make_move_iterator(children.begin() + static_cast<std::ptrdiff_t>(begin)),
                              std::make_move_iterator(children.begin() + static_cast<std::ptrdiff_t>(end)));
      project(nodes, chunk);
      expand(chunk);
      if (too_many()) return;
    }
  }

  [[nodiscard]] bool by_pairs() const { return params_.constraints.max_gap != Sequences::Constraints::no_limit; }

  /// Collective. Fills `frequent` and `children` for nodes [begin, end).
  void count_batch(const std::vector<Node>& nodes, std::size_t begin, std::size_t end, std::int64_t candidates,
                   std::vector<Frequent>& frequent, std::vector<Node>& children) {
    std::vector<std::int64_t> counts(static_cast<std::size_t>(candidates)), weights(counts.size());
    std::vector<std::size_t> offsets{0};
    for (std::size_t n = begin; n < end; ++n) {
      offsets.push_back(offsets.back() + static_cast<std::size_t>(nodes[n].candidates()));
    }
    collectively(context_.comm, [&] {
      parallel_for(context_.threads, static_cast<std::int64_t>(end - begin), [&](int worker, std::int64_t i) {
        const auto n = static_cast<std::size_t>(i);
        count_node(nodes[begin + n], tallies_[static_cast<std::size_t>(worker)], counts.data() + offsets[n],
                   weights.data() + offsets[n]);
      });
    });
    context_.comm.all_reduce(counts, weights);
    for (std::size_t n = begin, at = 0; n < end; ++n) {
      for (const bool same : {false, true}) {
        for (const std::int32_t item : same ? nodes[n].same : nodes[n].later) {
          if (counts[at] >= params_.min_count) {
            (same ? frequent[n].same : frequent[n].later).push_back(item);
            children.push_back(grown(nodes, n, item, same, counts[at], weights[at]));
            keep(children.back().pattern);
          }
          ++at;
        }
      }
    }
  }

  void count_node(const Node& node, Tally& tally, std::int64_t* counts, std::int64_t* weights) const {
    const auto hand_over = [&](Items candidates) {
      for (const std::int32_t item : candidates) {
        *counts++ = tally.sequences[static_cast<std::size_t>(item)];
        *weights++ = tally.occurrences[static_cast<std::size_t>(item)];
      }
    };
    tally.clear();
    if (projection_.windowed()) {
      for_each_sequence(node.places, [&](std::span<const Occurrence> places) {
        ++tally.serial;
        projection_.visit_later(places, [&](std::int32_t item, const Occurrence&) { tally.add(item); });
      });
    } else {
      for (const Occurrence& place : node.places) count_suffix(place, tally);
      tally.occurrences = tally.sequences;
    }
    hand_over(node.later);
    if (node.same.empty()) return;
    tally.clear();
    if (!projection_.single()) {
      for_each_sequence(node.places, [&](std::span<const Occurrence> places) {
        ++tally.serial;
        projection_.visit_same(places, node.last_element(),
                               [&](std::int32_t item, const Occurrence&) { tally.add(item); });
      });
    }
    hand_over(node.same);
  }

  void count_suffix(const Occurrence& place, Tally& tally) const {
    const std::int32_t from = projection_.resume_at(place);
    const auto end = static_cast<std::size_t>(last_.first[static_cast<std::size_t>(place.sequence) + 1]);
    for (auto i = static_cast<std::size_t>(last_.first[static_cast<std::size_t>(place.sequence)]);
         i < end && last_.elements[i] >= from; ++i) {
      ++tally.sequences[static_cast<std::size_t>(last_.items[i])];
    }
  }

  [[nodiscard]] static Node grown(const std::vector<Node>& nodes, std::size_t parent, std::int32_t item, bool same,
                                  std::int64_t count, std::int64_t weight) {
    Node child;
    child.pattern.steps = nodes[parent].pattern.steps;
    if (!same) child.pattern.steps.push_back(SequencePattern::next_element);
    child.pattern.steps.push_back(item);
    child.pattern.count = count;
    child.weight = weight;
    child.parent = static_cast<std::int64_t>(parent);
    return child;
  }

  /// What may follow a child also follows its parent, unless dropping an element widens a gap beyond its limit: then it
  /// still follows the child's last item.
  void give_candidates(Node& child, const std::vector<Node>& nodes, const std::vector<Frequent>& frequent) const {
    const auto& steps = child.pattern.steps;
    const std::int32_t item = steps.back();
    const bool same = steps.size() == nodes[static_cast<std::size_t>(child.parent)].pattern.steps.size() + 1;
    const Frequent& siblings = frequent[static_cast<std::size_t>(child.parent)];
    if (by_pairs()) {
      child.later = pairs_[static_cast<std::size_t>(item)].later;
      child.same = pairs_[static_cast<std::size_t>(item)].same;
      return;
    }
    const Items joining = same ? siblings.same : siblings.later;
    child.later = siblings.later;
    child.same = joining.subspan(
        static_cast<std::size_t>(std::upper_bound(joining.begin(), joining.end(), item) - joining.begin()));
  }

  /// Finds the places of each node of `chunk` in those of its parent: one scan of a parent serves all its children.
  void project(const std::vector<Node>& parents, std::vector<Node>& chunk) {
    std::vector<std::size_t> groups{0};
    for (std::size_t i = 1; i <= chunk.size(); ++i) {
      if (i == chunk.size() || chunk[i].parent != chunk[i - 1].parent) groups.push_back(i);
    }
    collectively(context_.comm, [&] {
      parallel_for(context_.threads, std::ssize(groups) - 1, [&](int worker, std::int64_t g) {
        const auto at = static_cast<std::size_t>(g);
        project_group(parents, std::span(chunk).subspan(groups[at], groups[at + 1] - groups[at]),
                      slots_[static_cast<std::size_t>(worker)]);
      });
    });
  }

  void project_group(const std::vector<Node>& parents, std::span<Node> children, std::vector<Slot>& slots) const {
    const Node& parent = parents[static_cast<std::size_t>(children.front().parent)];
    const std::size_t items = slots.size() / 2;
    const auto slot = [&](const Node& child) {
      const bool same = child.pattern.steps.size() == parent.pattern.steps.size() + 1;
      return static_cast<std::size_t>(child.pattern.steps.back()) + (same ? items : 0);
    };
    bool any_later = false, any_same = false;
    for (Node& child : children) {
      slots[slot(child)] = {&child, -1};
      (slot(child) < items ? any_later : any_same) = true;
    }
    const auto keep_in = [&](std::size_t shift) {
      return [&slots, shift, windowed = projection_.windowed()](std::int32_t item, const Occurrence& place) {
        Slot& at = slots[static_cast<std::size_t>(item) + shift];
        if (at.child == nullptr || (!windowed && at.sequence == place.sequence)) return;
        at.sequence = place.sequence;
        at.child->places.push_back(place);
      };
    };
    for_each_sequence(parent.places, [&](std::span<const Occurrence> places) {
      if (any_later) projection_.visit_later(places, keep_in(0));
      if (any_same) projection_.visit_same(places, parent.last_element(), keep_in(items));
    });
    for (const Node& child : children) slots[slot(child)] = {};
  }

  void keep(const SequencePattern& pattern) {
    const std::int64_t place = found_.total++;
    if (keep_one_in_ == 1 || (keep_one_in_ > 1 && draws_row("sampled patterns", place, keep_one_in_)))
      found_.kept.push_back(pattern);
  }
  [[nodiscard]] bool too_many() const { return found_.total > params_.max_patterns; }

  const Sequences::Params& params_;
  std::int64_t keep_one_in_;
  const Context& context_;
  const SequenceDatabase& sequences_;
  SequenceProjection projection_;
  LastElements last_;
  std::int64_t chunk_weight_;
  std::vector<Tally> tallies_;
  std::vector<std::vector<Slot>> slots_;  ///< of each worker: by item, later then same
  std::vector<Frequent> pairs_;           ///< under max_gap: what follows each item
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
  FoundPatterns found = Search(params, keep_one_in, frequent, context).run(counts);
  for (SequencePattern& pattern : found.kept) {
    for (std::int32_t& step : pattern.steps) {
      if (step != SequencePattern::next_element) step = item_of[static_cast<std::size_t>(step)];
    }
  }
  return found;
}

}  // namespace cohort
