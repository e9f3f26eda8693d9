// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/rules_matcher.hpp"

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "core/gather.hpp"

namespace cohort {
namespace {

/// A rule's figures as they travel; its left side follows in a list of its own.
struct Figures {
  RuleCounts counts;
  double q_value = 1;
  std::int32_t consequent = 0, length = 0;
};

void refuse_too_many(std::int64_t rules, std::int64_t items, const Context& context) {
  const std::int64_t bytes = rules * static_cast<std::int64_t>(sizeof(Figures) + 24) + items * 4;
  if (bytes <= context.memory_per_rank / 4) return;
  throw Error(ExitCode::plan_refused,
              fmt::format("{} rules need {} bytes on every rank, more than a quarter of memory_per_rank ({})", rules,
                          bytes, context.memory_per_rank),
              "raise min_confidence, min_lift or min_support, or give run.memory_per_rank more");
}

}  // namespace

RuleBook gather_rules(const Rules::Model& model, const Context& context) {
  const ItemCatalogue& items = model.itemsets.items;
  std::vector<Figures> figures;
  std::vector<std::int32_t> sides;
  for (const Rules::Rule& rule : model.rules) {
    const std::span<const std::int32_t> set = model.itemsets.found.sets[rule.set];
    const auto code = [&](std::size_t at) { return items.code_of[static_cast<std::size_t>(set[at])]; };
    const auto right = static_cast<std::size_t>(rule.position);
    figures.push_back({rule.counts, rule.q_value, code(right), static_cast<std::int32_t>(set.size()) - 1});
    for (std::size_t i = 0; i < set.size(); ++i) {
      if (i != right) sides.push_back(code(i));
    }
    std::sort(sides.end() - figures.back().length, sides.end());
  }
  std::array<std::int64_t, 2> totals{std::ssize(figures), std::ssize(sides)};
  context.comm.all_reduce(totals, {});
  refuse_too_many(totals[0], totals[1], context);

  std::vector<Figures> all;
  std::vector<std::int32_t> all_sides;
  for (const Bytes& from : context.comm.all_gather(to_bytes(std::span<const Figures>(figures))))
    append_values(from, all);
  for (const Bytes& from : context.comm.all_gather(to_bytes(std::span<const std::int32_t>(sides))))
    append_values(from, all_sides);
  RuleBook book;
  std::size_t at = 0;
  for (const Figures& rule : all) {
    const auto length = static_cast<std::size_t>(rule.length);
    book.antecedents.add(std::span<const std::int32_t>(all_sides).subspan(at, length), rule.counts.antecedent);
    at += length;
    book.consequents.push_back(rule.consequent);
    book.counts.push_back(rule.counts);
    book.q_values.push_back(rule.q_value);
  }
  return book;
}

RuleMatcher::RuleMatcher(const RuleBook& book, std::int32_t items)
    : book_(&book), waiting_(static_cast<std::size_t>(items)) {
  for (std::int32_t rule = 0; rule < book.size(); ++rule) {
    const std::span<const std::int32_t> side = book.antecedents[rule];
    // Codes descend by count: the last item is the rarest.
    (side.empty() ? always_ : waiting_[static_cast<std::size_t>(side.back())]).push_back(rule);
  }
}

}  // namespace cohort
