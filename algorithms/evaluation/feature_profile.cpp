// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/feature_profile.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "algorithms/linear/level_counts.hpp"
#include "algorithms/linear/recipe_fit.hpp"
#include "algorithms/linear/used_rows.hpp"
#include "algorithms/statistics/table_pass.hpp"
#include "core/elementary.hpp"

namespace cohort {
namespace {

constexpr std::size_t cut_count = 31;
constexpr double few_rows = 20;  // a level with fewer tells nothing of the label by itself

/// Rows and positives in each bin, column after column.
struct BinCounts {
  std::vector<std::int64_t> rows, positives;
  void parts(Parts& parts) {
    parts.sum(rows);
    parts.sum(positives);
  }
};

/// Collective. Counts the used rows of every bin.
BinCounts count_bins(const std::vector<FeatureProfile>& profiles, const LabelledRows& rows, double positive_above,
                     const Context& context) {
  std::vector<FeatureBins> bins;
  std::vector<std::size_t> first{0};
  for (std::size_t j = 0; j < profiles.size(); ++j) {
    bins.emplace_back(profiles[j], rows.labels[j]);
    first.push_back(first.back() + profiles[j].bins());
  }
  const BinCounts identity{std::vector<std::int64_t>(first.back()), std::vector<std::int64_t>(first.back())};
  return aggregate_table(context, rows.table, identity, [&](BinCounts& state, const NumericBlock& block) {
    const std::span<const double> label = rows.label(block), weight = rows.weight(block);
    for (std::size_t j = 0; j < bins.size(); ++j) {
      for (std::size_t i = 0; i < label.size(); ++i) {
        if (!is_used(weight[i], label[i])) continue;
        const std::size_t at = first[j] + bins[j].of(block.columns[j][i]);
        ++state.rows[at];
        state.positives[at] += label[i] > positive_above ? 1 : 0;
      }
    }
  });
}

/// Collective. Each category's most frequent levels, by label where equally frequent.
std::vector<std::vector<std::string>> frequent_levels(const LabelledRows& rows, const Context& context) {
  const LevelCounts counts = count_levels(rows, context);
  std::vector<std::vector<std::string>> result;
  for (std::size_t j = 0; j < rows.features(); ++j) {
    std::vector<std::pair<std::int64_t, std::string>> levels;
    for (std::size_t code = 0; code < rows.labels[j].size(); ++code) {
      const std::int64_t count = counts.of(j)[code];
      if (count > 0) levels.emplace_back(-count, rows.labels[j][code]);
    }
    std::ranges::sort(levels);
    levels.resize(std::min(levels.size(), FeatureProfile::most_levels));
    result.emplace_back();
    for (auto& [unused, label] : levels) result.back().push_back(std::move(label));
  }
  return result;
}

/// Collective. Quantiles of a sample.
std::vector<std::vector<double>> cuts_of(const LabelledRows& rows, const Context& context) {
  std::vector<double> probabilities;
  for (std::size_t i = 1; i <= cut_count; ++i) probabilities.push_back(static_cast<double>(i) / (cut_count + 1));
  return sampled_quantiles(rows, probabilities, context);
}

std::vector<double> shares_of(std::span<const std::int64_t> counts) {
  const auto all = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  std::vector<double> shares;
  for (const std::int64_t count : counts) shares.push_back(all > 0 ? static_cast<double>(count) / all : 0);
  return shares;
}

/// From (rows, positives) of the bins of a column. Levels with few rows were each a story of their own: they are one.
FeatureAlone alone_of(bool categorical, std::vector<std::pair<double, double>> bins) {
  double rows = 0, positives = 0;
  std::pair<double, double> rare{0, 0};
  for (auto& bin : bins) {
    rows += bin.first;
    positives += bin.second;
    if (!categorical || bin.first >= few_rows) continue;
    rare = {rare.first + bin.first, rare.second + bin.second};
    bin = {0, 0};
  }
  bins.push_back(rare);
  std::erase_if(bins, [](const auto& bin) { return bin.first == 0; });
  if (categorical) {
    std::ranges::sort(bins, [](const auto& a, const auto& b) { return a.second * b.first < b.second * a.first; });
  }
  const double negatives = rows - positives;
  if (!(positives > 0) || !(negatives > 0)) return {};
  double wins = 0, below = 0, value = 0;
  const auto count = static_cast<double>(bins.size());
  for (const auto& [all, yes] : bins) {
    const double no = all - yes;
    wins += yes * (below + no / 2);
    below += no;
    const double p = (yes + 0.5) / (positives + 0.5 * count), n = (no + 0.5) / (negatives + 0.5 * count);
    value += (p - n) * cohort::log(p / n);
  }
  const double area = wins / (positives * negatives);
  return {.roc_auc = std::max(area, 1 - area), .information_value = value};
}

}  // namespace

FeatureBins::FeatureBins(const FeatureProfile& profile, const std::vector<std::string>& labels)
    : cuts_(profile.cuts), bins_(profile.bins()) {
  for (const std::string& label : labels) {
    const auto found = std::ranges::find(profile.levels, label);
    bin_of_code_.push_back(static_cast<std::size_t>(found - profile.levels.begin()));
  }
}

std::size_t FeatureBins::of(double value) const {
  if (value != value) return bins_ - 1;
  if (!bin_of_code_.empty()) return bin_of_code_[static_cast<std::size_t>(value)];
  return static_cast<std::size_t>(std::ranges::upper_bound(cuts_, value) - cuts_.begin());
}

ProfiledFeatures profile_features(const LabelledRows& rows, double positive_above, const Context& context) {
  const std::vector<std::vector<double>> cuts = cuts_of(rows, context);
  const std::vector<std::vector<std::string>> levels = frequent_levels(rows, context);
  ProfiledFeatures result;
  for (std::size_t j = 0; j < rows.features(); ++j) {
    FeatureProfile& profile = result.profiles.emplace_back();
    profile.name = rows.table.columns()[j];
    profile.categorical = rows.labels[j].empty() ? 0 : 1;
    if (profile.categorical != 0) profile.levels = levels[j];
    if (profile.categorical == 0) profile.cuts = cuts[j];
  }
  const BinCounts counts = count_bins(result.profiles, rows, positive_above, context);
  std::size_t first = 0;
  for (FeatureProfile& profile : result.profiles) {
    const std::size_t bins = profile.bins();
    profile.shares = shares_of(std::span(counts.rows).subspan(first, bins));
    std::vector<std::pair<double, double>> of_bins;
    for (std::size_t bin = first; bin < first + bins; ++bin) {
      of_bins.emplace_back(static_cast<double>(counts.rows[bin]), static_cast<double>(counts.positives[bin]));
    }
    result.alone.push_back(alone_of(profile.categorical != 0, std::move(of_bins)));
    first += bins;
  }
  return result;
}

std::vector<std::vector<double>> shares_in(const std::vector<FeatureProfile>& profiles, const LabelledRows& rows,
                                           const Context& context) {
  const BinCounts counts = count_bins(profiles, rows, 0, context);
  std::vector<std::vector<double>> shares;
  std::size_t first = 0;
  for (const FeatureProfile& profile : profiles) {
    shares.push_back(shares_of(std::span(counts.rows).subspan(first, profile.bins())));
    first += profile.bins();
  }
  return shares;
}

double population_stability_index(const std::vector<double>& expected, const std::vector<double>& found) {
  constexpr double least = 1e-4;
  double sum = 0;
  for (std::size_t bin = 0; bin < expected.size(); ++bin) {
    const double e = std::max(expected[bin], least), f = std::max(found[bin], least);
    sum += (f - e) * cohort::log(f / e);
  }
  return sum;
}

}  // namespace cohort
