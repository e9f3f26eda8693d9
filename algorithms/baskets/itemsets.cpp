// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/itemsets.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "algorithms/baskets/apriori.hpp"
#include "algorithms/baskets/itemsets_classes.hpp"
#include "algorithms/baskets/itemsets_estimate.hpp"
#include "algorithms/baskets/support_guard.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

/// Collective. Sets at a support, without keeping them; above `limit` only that they are more.
std::int64_t count_sets(Classes& classes, MiningTask task, std::int64_t min_count, std::int64_t limit) {
  task.min_count = min_count;
  task.max_sets = limit;
  task.keep = false;
  return classes.mine(task).total;
}

/// Collective. The least support above that of `task` at which there are at most `limit` sets. Each try stops soon
/// after `limit` sets.
std::int64_t support_that_fits(Classes& classes, const MiningTask& task, std::int64_t limit) {
  return least_support(task.min_count,
                       [&](std::int64_t min_count) { return count_sets(classes, task, min_count, limit) > limit; });
}

[[noreturn]] void refuse_sets(const MiningTask& task, std::int64_t baskets, std::int64_t fits,
                              std::int64_t one_in = 1) {
  refuse({.things = "itemsets",
          .rows = "baskets",
          .limit_key = "max_itemsets",
          .limit = task.max_sets,
          .min_count = task.min_count,
          .fits = fits,
          .total = baskets,
          .one_in = one_in});
}

/// Collective. This rank's baskets in codes. Before they are shipped and mined: refuses what a sample shows to be too
/// many sets.
Transactions read_guarded(const Itemsets::Params& params, const BasketPass& pass, const ItemCatalogue& items,
                          const MiningTask& task, const Context& context) {
  const bool guards = params.top_k == 0 && params.algorithm == "auto";
  const std::optional<SupportSample> sample = guards ? SupportSample::of(task.min_count) : std::nullopt;
  BasketSample drawn{.one_in = sample ? sample->one_in : 0, .baskets = {}};
  Transactions mine = read_transactions(pass, items, drawn, context);
  if (!sample) return mine;
  if (const auto fits = support_by_sample(mine, std::move(drawn.baskets), items, task, *sample, context))
    refuse_sets(task, items.baskets, *fits, sample->one_in);
  return mine;
}

/// Collective. The largest support with at least `top_k` sets, or the given one where there are fewer at all.
std::int64_t support_of_top(Classes& classes, const MiningTask& task, std::int64_t top_k) {
  if (count_sets(classes, task, task.min_count, top_k - 1) < top_k) return task.min_count;
  return support_that_fits(classes, task, top_k - 1) - 1;
}

}  // namespace

void Itemsets::Params::describe(Fields& f) {
  f({.name = "min_support",
     .text = "Least share of baskets (0.01, 1.0) or number of baskets (100, 1) that hold a set: the point decides",
     .aliases = {"minSupport", "supp"}},
    min_support);
  f({.name = "kind",
     .text = "frequent: all sets; closed: without a superset in the same baskets; maximal: without a frequent superset",
     .choices = {"frequent", "closed", "maximal"}},
    kind);
  f({.name = "algorithm", .text = "auto, or apriori: the textbook's, for checking", .choices = {"auto", "apriori"}},
    algorithm);
  f({.name = "max_len", .text = "Longest set to report; 0: any", .range = {0, 1e9}, .aliases = {"maxPatternLength"}},
    max_len);
  f({.name = "max_itemsets",
     .text = "Refuse (exit 14) when there are more sets than this, and say which support would fit",
     .range = {1, 1e12}},
    max_itemsets);
  f({.name = "top_k",
     .text = "Raise min_support until only the most frequent sets are left: at least this many, with all that tie "
             "with the last; 0: off",
     .range = {0, 1e12}},
    top_k);
}

void Itemsets::Params::check() const {
  static_cast<void>(MinSupport::parse(min_support));
  if (top_k > 0 && (kind == "maximal" || algorithm == "apriori")) {
    throw Error(ExitCode::bad_config, "top_k goes with kind frequent or closed and algorithm auto",
                "remove top_k, or change kind or algorithm");
  }
}

ItemsetKind Itemsets::Params::itemset_kind() const {
  return kind == "closed" ? ItemsetKind::closed : kind == "maximal" ? ItemsetKind::maximal : ItemsetKind::frequent;
}

Itemsets::Mined Itemsets::mine(const Params& params, const BasketPass& baskets, const Context& context, bool keep) {
  params.check();
  Mined mined;
  mined.items = count_items(baskets, MinSupport::parse(params.min_support), context);
  MiningTask task{.kind = params.itemset_kind(),
                  .min_count = mined.items.min_count,
                  .max_len = static_cast<std::int32_t>(params.max_len),
                  .max_sets = params.max_itemsets,
                  .keep = keep};
  Transactions mine = read_guarded(params, baskets, mined.items, task, context);
  if (params.algorithm == "apriori") {
    mined.sets.push_back(apriori(mine, mined.items, task, context));
    std::array<std::int64_t, 1> total{mined.sets.front().size()};
    context.comm.all_reduce(total, {});
    mined.total = total[0];
  } else {
    Classes classes(std::move(mine), mined.items, task.kind, context);
    if (params.top_k > 0) task.min_count = support_of_top(classes, task, params.top_k);
    Classes::Outcome outcome = classes.mine(task);
    if (outcome.total > task.max_sets)
      refuse_sets(task, mined.items.baskets, support_that_fits(classes, task, task.max_sets));
    mined.sets = std::move(outcome.sets);
    mined.total = outcome.total;
  }
  mined.min_count = task.min_count;
  return mined;
}

Itemsets::Model Itemsets::fit(const Params& params, const BasketPass& baskets, const Context& context) {
  Mined mined = mine(params, baskets, context);
  SortedItemsets found = sort_itemsets(std::move(mined.sets), mined.items, context);
  return {std::move(mined.items), std::move(found), mined.min_count, mined.total};
}

}  // namespace cohort
