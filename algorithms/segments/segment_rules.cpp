// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/segment_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "algorithms/statistics/quantiles.hpp"
#include "algorithms/statistics/table_pass.hpp"

namespace cohort {
namespace {

constexpr std::size_t most_conditions = 3;
constexpr int quantiles = 32;

/// Rounded to three digits, so that what is printed is what was counted.
double readable(double x) {
  return std::strtod(fmt::format("{:.3g}", x).c_str(), nullptr);
}

/// Cuts of each column, ascending.
using Cuts = std::vector<std::vector<double>>;

Cuts cuts_of(const NumericTable& table, const Context& context) {
  std::vector<double> probabilities;
  for (int i = 1; i < quantiles; ++i) probabilities.push_back(static_cast<double>(i) / quantiles);
  Cuts cuts = quantiles_of(table, probabilities, context);
  for (std::vector<double>& column : cuts) {
    std::erase_if(column, [](double x) { return !std::isfinite(x); });
    std::ranges::transform(column, column.begin(), readable);
    std::ranges::sort(column);
    column.erase(std::unique(column.begin(), column.end()), column.end());
  }
  return cuts;
}

/// Rows that meet a segment's rule so far, by the number of cuts below their value: of all segments, and of this one.
struct Histogram {
  std::vector<std::int64_t> all, own;  ///< [segment][column][bin]
  std::vector<std::int64_t> sizes;     ///< [segment]

  void parts(Parts& p) {
    p.sum(all);
    p.sum(own);
    p.sum(sizes);
  }
};

constexpr std::size_t bins = quantiles;  // one more than there are cuts at most

bool meets(const SegmentRule& rule, const NumericBlock& block, std::size_t row) {
  return std::ranges::all_of(rule.conditions,
                             [&](const RuleCondition& c) { return c.met(block.columns[c.column][row]); });
}

void count(const std::vector<SegmentRule>& rules, const Cuts& cuts, const NumericBlock& block,
           const std::vector<std::int32_t>& labels, Histogram& state) {
  const std::size_t columns = cuts.size();
  std::vector<std::size_t> bin(columns);
  for (std::size_t row = 0; row < static_cast<std::size_t>(block.rows); ++row) {
    for (std::size_t c = 0; c < columns; ++c) {
      const double x = block.columns[c][row];
      bin[c] = std::isnan(x) ? bins : static_cast<std::size_t>(std::ranges::lower_bound(cuts[c], x) - cuts[c].begin());
    }
    if (labels[row] >= 0) ++state.sizes[static_cast<std::size_t>(labels[row])];
    for (std::size_t s = 0; s < rules.size(); ++s) {
      if (!meets(rules[s], block, row)) continue;
      const bool own = labels[row] == static_cast<std::int32_t>(s);
      for (std::size_t c = 0; c < columns; ++c) {
        if (bin[c] == bins) continue;
        const std::size_t at = (s * columns + c) * bins + bin[c];
        ++state.all[at];
        state.own[at] += own ? 1 : 0;
      }
    }
  }
}

/// The best rule that has one condition more; the rule itself where none is better.
SegmentRule extended(const SegmentRule& rule, std::size_t segment, const Cuts& cuts, const Histogram& counts) {
  SegmentRule best = rule;
  best.size = counts.sizes[segment];
  const auto offer = [&](const RuleCondition& condition, std::int64_t matched, std::int64_t hits) {
    SegmentRule one = rule;
    one.conditions.push_back(condition);
    one.matched = matched;
    one.hits = hits;
    one.size = best.size;
    // F1 as a ratio of integers, so that no rounding decides: hits / (matched + size).
    const auto left = static_cast<long double>(hits) * static_cast<long double>(best.matched + best.size);
    const auto right = static_cast<long double>(best.hits) * static_cast<long double>(matched + best.size);
    if (left > right) best = std::move(one);
  };
  for (std::size_t c = 0; c < cuts.size(); ++c) {
    const std::size_t first = (segment * cuts.size() + c) * bins;
    std::int64_t all = 0, own = 0, all_below = 0, own_below = 0;
    for (std::size_t b = 0; b <= cuts[c].size(); ++b) {
      all += counts.all[first + b];
      own += counts.own[first + b];
    }
    for (std::size_t b = 0; b < cuts[c].size(); ++b) {
      all_below += counts.all[first + b];
      own_below += counts.own[first + b];
      offer({c, cuts[c][b], false}, all_below, own_below);
      offer({c, cuts[c][b], true}, all - all_below, own - own_below);
    }
  }
  return best;
}

}  // namespace

double SegmentRule::precision() const {
  return matched > 0 ? static_cast<double>(hits) / static_cast<double>(matched)
                     : std::numeric_limits<double>::quiet_NaN();
}

double SegmentRule::recall() const {
  return size > 0 ? static_cast<double>(hits) / static_cast<double>(size) : std::numeric_limits<double>::quiet_NaN();
}

std::string SegmentRule::text(const std::vector<std::string>& columns) const {
  std::string sentence;
  for (const RuleCondition& condition : conditions)
    sentence += fmt::format("{}{} {} {}", sentence.empty() ? "" : " and ", columns[condition.column],
                            condition.above ? ">" : "<=", condition.cut);
  return sentence;
}

std::vector<SegmentRule> describe_segments(const NumericTable& table, std::int64_t segments, const Labeller& labels_of,
                                           const Context& context) {
  const Cuts cuts = cuts_of(table, context);
  const auto count_of_segments = static_cast<std::size_t>(segments);
  std::vector<SegmentRule> rules(count_of_segments);
  for (std::size_t round = 0; round < most_conditions; ++round) {
    const std::vector<std::int64_t> cells(count_of_segments * cuts.size() * bins);
    const Histogram none{.all = cells, .own = cells, .sizes = std::vector<std::int64_t>(count_of_segments)};
    const Histogram counts = aggregate_table(context, table, none, [&](Histogram& state, const NumericBlock& block) {
      count(rules, cuts, block, labels_of(block), state);
    });
    for (std::size_t s = 0; s < count_of_segments; ++s)
      if (rules[s].conditions.size() == round) rules[s] = extended(rules[s], s, cuts, counts);
  }
  return rules;
}

}  // namespace cohort
