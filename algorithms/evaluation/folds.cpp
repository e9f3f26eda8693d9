// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/folds.hpp"

#include <algorithm>

#include "algorithms/statistics/score_places.hpp"
#include "core/aggregate.hpp"
#include "core/error.hpp"
#include "core/random.hpp"

namespace cohort {
namespace {

struct Counts {
  std::vector<std::int64_t> rows;
  void parts(Parts& parts) { parts.sum(rows); }
};

/// Collective. How many rows each fold has.
Counts count(const Folds& folds, std::int64_t n_splits, const Context& context) {
  const Counts identity{std::vector<std::int64_t>(static_cast<std::size_t>(n_splits))};
  return aggregate(context, std::ssize(folds), identity, [&](int, Counts& state, std::int64_t block) {
    for (const std::int32_t fold : folds[static_cast<std::size_t>(block)]) {
      if (fold >= 0) ++state.rows[static_cast<std::size_t>(fold)];
    }
  });
}

/// What a row is sorted by: chance within its class, or how early it is.
double score_of(const FoldRow& row, FoldRule rule, std::uint64_t seed) {
  if (rule == FoldRule::time) return -row.order;
  const double chance = RandomStream(seed, "fold", row.key).uniform();
  return rule == FoldRule::stratified ? row.order + chance : chance;
}

std::int64_t used_rows(const std::vector<std::vector<FoldRow>>& rows, const Context& context) {
  Counts identity{{0}};
  return aggregate(context, std::ssize(rows), identity,
                   [&](int, Counts& state, std::int64_t block) {
                     const auto& of_block = rows[static_cast<std::size_t>(block)];
                     state.rows[0] += std::ranges::count(of_block, true, &FoldRow::used);
                   })
      .rows[0];
}

/// Collective. Of the used rows in the order of their score.
Folds deal_by_place(const std::vector<std::vector<FoldRow>>& rows, FoldRule rule, std::int64_t n_splits,
                    std::uint64_t seed, const std::string& spill_folder, const Context& context) {
  std::vector<std::vector<double>> scores(rows.size());
  for (std::size_t b = 0; b < rows.size(); ++b) {
    for (const FoldRow& row : rows[b]) {
      if (row.used) scores[b].push_back(score_of(row, rule, seed));
    }
  }
  const std::int64_t all = used_rows(rows, context);
  const auto places = places_of(scores, spill_folder, context);
  Folds folds(rows.size());
  for (std::size_t b = 0; b < rows.size(); ++b) {
    auto place = places[b].begin();
    for (const FoldRow& row : rows[b]) {
      if (!row.used) {
        folds[b].push_back(not_in_folds);
        continue;
      }
      const std::int64_t at = *place++ - 1;
      const std::int64_t fold = rule == FoldRule::time ? at * (n_splits + 1) / all - 1 : at % n_splits;
      folds[b].push_back(static_cast<std::int32_t>(fold));
    }
  }
  return folds;
}

Folds deal_by_group(const std::vector<std::vector<FoldRow>>& rows, std::int64_t n_splits, std::uint64_t seed) {
  Folds folds(rows.size());
  for (std::size_t b = 0; b < rows.size(); ++b) {
    for (const FoldRow& row : rows[b]) {
      const auto fold = static_cast<std::int32_t>(RandomStream(seed, "fold", row.key).below(n_splits));
      folds[b].push_back(row.used ? fold : not_in_folds);
    }
  }
  return folds;
}

}  // namespace

Folds deal_folds(const std::vector<std::vector<FoldRow>>& rows, FoldRule rule, std::int64_t n_splits,
                 std::uint64_t seed, const std::string& spill_folder, const Context& context) {
  Folds folds = rule == FoldRule::group ? deal_by_group(rows, n_splits, seed)
                                        : deal_by_place(rows, rule, n_splits, seed, spill_folder, context);
  const Counts counts = count(folds, n_splits, context);
  for (std::size_t fold = 0; fold < counts.rows.size(); ++fold) {
    if (counts.rows[fold] > 0) continue;
    throw Error(ExitCode::bad_data, fmt::format("fold {} of {} has no rows", fold + 1, n_splits),
                "take fewer n_splits, or another column to split by");
  }
  return folds;
}

}  // namespace cohort
