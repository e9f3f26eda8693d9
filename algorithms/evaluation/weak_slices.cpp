// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/weak_slices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "algorithms/linear/used_rows.hpp"
#include "algorithms/statistics/significance.hpp"
#include "algorithms/statistics/table_pass.hpp"

namespace cohort {
namespace {

constexpr std::size_t most_values = 8;     // levels of a category that are slices of their own
constexpr std::size_t most_in_pairs = 64;  // features: 2016 pairs
constexpr std::size_t sums_of_slice = 3;   // of losses, of their squares, of errors

/// The slices one feature cuts the customers into; what is in none has the number `none`.
class FeatureSlices {
 public:
  FeatureSlices(const FeatureProfile& profile, const std::vector<std::string>& labels) : bins_(profile, labels) {
    if (profile.categorical != 0) {
      const std::size_t levels = std::min(profile.levels.size(), most_values);
      for (std::size_t level = 0; level < levels; ++level)
        names.push_back(profile.name + " = " + profile.levels[level]);
      slice_of_bin_.assign(profile.bins(), none);
      for (std::size_t level = 0; level < levels; ++level) slice_of_bin_[level] = level;
    } else {
      add_ranges(profile);
    }
    slice_of_bin_.back() = names.size();
    names.push_back(profile.name + " is missing");
  }

  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  [[nodiscard]] std::size_t of(double value) const { return slice_of_bin_[bins_.of(value)]; }
  std::vector<std::string> names;

 private:
  /// Four ranges of about as many customers, or as many as there are cuts for.
  void add_ranges(const FeatureProfile& profile) {
    const std::vector<double>& cuts = profile.cuts;
    std::vector<std::size_t> chosen;  // of the cuts; bin i holds values from cuts[i - 1] up to cuts[i]
    for (std::size_t quarter = 1; quarter < 4; ++quarter) {
      const std::size_t cut = cuts.size() * quarter / 4;
      if (cut < cuts.size() && (chosen.empty() || chosen.back() != cut)) chosen.push_back(cut);
    }
    for (std::size_t bin = 0; bin < profile.bins(); ++bin) {
      slice_of_bin_.push_back(static_cast<std::size_t>(std::ranges::lower_bound(chosen, bin) - chosen.begin()));
    }
    for (std::size_t range = 0; range <= chosen.size(); ++range) {
      const std::string above = range == 0 ? "" : fmt::format("{:.6g} <= ", cuts[chosen[range - 1]]);
      const std::string below = range == chosen.size() ? "" : fmt::format(" < {:.6g}", cuts[chosen[range]]);
      names.push_back(chosen.empty() ? profile.name + " is known" : above + profile.name + below);
    }
  }

  FeatureBins bins_;
  std::vector<std::size_t> slice_of_bin_;
};

/// Where the sums of each slice lie: one after the other, those of single features first, then those of pairs.
class SliceMap {
 public:
  SliceMap(const std::vector<FeatureProfile>& profiles, const LabelledRows& rows) {
    for (std::size_t j = 0; j < profiles.size(); ++j) {
      features_.emplace_back(profiles[j], rows.labels[j]);
      first_.push_back(size_);
      size_ += features_.back().names.size();
    }
    const std::size_t paired = std::min(features_.size(), most_in_pairs);
    for (std::size_t a = 0; a < paired; ++a) {
      for (std::size_t b = a + 1; b < paired; ++b) {
        pairs_.push_back({a, b, size_});
        size_ += features_[a].names.size() * features_[b].names.size();
      }
    }
  }

  /// Calls each(slice) for every slice that a row is in; `row_slices` is room for one number a feature.
  template <class Each>
  void visit(const NumericBlock& block, std::size_t i, std::vector<std::size_t>& row_slices, const Each& each) const {
    row_slices.resize(features_.size());
    for (std::size_t j = 0; j < features_.size(); ++j) {
      row_slices[j] = features_[j].of(block.columns[j][i]);
      if (row_slices[j] != FeatureSlices::none) each(first_[j] + row_slices[j]);
    }
    for (const Pair& pair : pairs_) {
      const std::size_t a = row_slices[pair.a], b = row_slices[pair.b];
      if (a == FeatureSlices::none || b == FeatureSlices::none) continue;
      each(pair.first + a * features_[pair.b].names.size() + b);
    }
  }

  /// Calls each(slice, name, its parents) for every slice; a single feature's has none.
  template <class Each>
  void each_slice(const Each& each) const {
    for (std::size_t j = 0; j < features_.size(); ++j) {
      for (std::size_t a = 0; a < features_[j].names.size(); ++a) {
        each(first_[j] + a, features_[j].names[a], std::vector<std::size_t>{});
      }
    }
    for (const Pair& pair : pairs_) {
      const auto &of_a = features_[pair.a].names, &of_b = features_[pair.b].names;
      for (std::size_t i = 0; i < of_a.size() * of_b.size(); ++i) {
        const std::size_t a = i / of_b.size(), b = i % of_b.size();
        each(pair.first + i, of_a[a] + " and " + of_b[b], std::vector{first_[pair.a] + a, first_[pair.b] + b});
      }
    }
  }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Pair {
    std::size_t a, b, first;
  };
  std::vector<FeatureSlices> features_;
  std::vector<std::size_t> first_;
  std::vector<Pair> pairs_;
  std::size_t size_ = 0;
};

struct Extremes {
  std::int64_t rows = 0;
  std::vector<double> most = std::vector<double>(2);  ///< loss, |error|
  void parts(Parts& parts) {
    parts.sum(rows);
    parts.max(most);
  }
};

/// Rows and sums of every slice; behind the last, those of all rows.
struct SliceSums {
  std::vector<std::int64_t> rows;
  ExactSums sums;
  void parts(Parts& parts) {
    parts.sum(rows);
    parts.exact(sums);
  }
};

/// Calls each(row, prediction, label) for the rows that count.
template <class Each>
void each_row(const LabelledRows& rows, const NumericBlock& block, const PredictBlock& predict, const Each& each) {
  const std::span<const double> label = rows.label(block), weight = rows.weight(block);
  const std::vector<double> means = predict(block);
  for (std::size_t i = 0; i < means.size(); ++i) {
    if (is_used(weight[i], label[i])) each(i, means[i], label[i]);
  }
}

/// Collective.
SliceSums sum_up(const LabelledRows& rows, const SliceMap& map, const PredictBlock& predict, RowLoss loss,
                 const Context& context) {
  const Extremes most =
      aggregate_table(context, rows.table, Extremes{}, [&](Extremes& state, const NumericBlock& block) {
        each_row(rows, block, predict, [&](std::size_t, double mean, double label) {
          ++state.rows;
          state.most[0] = std::max(state.most[0], row_loss(loss, mean, label));
          state.most[1] = std::max(state.most[1], std::abs(mean - label));
        });
      });
  const int of_loss = magnitude_bound(most.most[0]), of_error = magnitude_bound(most.most[1]);
  std::vector<int> bounds;
  for (std::size_t slice = 0; slice <= map.size(); ++slice) {
    for (const int bound : {of_loss, 2 * of_loss, of_error}) bounds.push_back(sum_bound(bound, most.rows) + 1);
  }
  const SliceSums identity{std::vector<std::int64_t>(map.size() + 1), ExactSums(bounds)};
  return aggregate_table(context, rows.table, identity, [&](SliceSums& state, const NumericBlock& block) {
    std::vector<double> of_block(state.sums.size());
    std::vector<std::size_t> row_slices;
    each_row(rows, block, predict, [&](std::size_t i, double mean, double label) {
      const double cost = row_loss(loss, mean, label);
      const auto add = [&](std::size_t slice) {
        ++state.rows[slice];
        of_block[slice * sums_of_slice] += cost;
        of_block[slice * sums_of_slice + 1] += cost * cost;
        of_block[slice * sums_of_slice + 2] += mean - label;
      };
      map.visit(block, i, row_slices, add);
      add(map.size());
    });
    for (std::size_t i = 0; i < of_block.size(); ++i) {
      if (of_block[i] != 0) state.sums.add(i, of_block[i]);
    }
  });
}

/// Mean and variance of the mean of a part of the rows.
struct Part {
  double rows = 0, mean = 0, variance = 0;
  Part(double count, double sum, double squares)
      : rows(count), mean(sum / count), variance(std::max(0.0, squares / count - mean * mean) / count) {}
};

WeakSlice judge(const SliceSums& sums, std::size_t slice, std::string name) {
  const std::size_t all = sums.rows.size() - 1;
  const auto sum = [&](std::size_t of, std::size_t kind) { return sums.sums.value(of * sums_of_slice + kind); };
  const auto here = static_cast<double>(sums.rows[slice]), total = static_cast<double>(sums.rows[all]);
  const Part inside(here, sum(slice, 0), sum(slice, 1));
  const Part outside(total - here, sum(all, 0) - sum(slice, 0), sum(all, 1) - sum(slice, 1));
  const double difference = inside.mean - outside.mean, error = std::sqrt(inside.variance + outside.variance);
  return {.name = std::move(name),
          .rows = sums.rows[slice],
          .loss = inside.mean,
          .loss_elsewhere = outside.mean,
          .bias = sum(slice, 2) / here,
          .p_value = error > 0 ? normal_tail(difference / error) : 1};
}

}  // namespace

WeakSlices weak_slices(const LabelledRows& rows, const std::vector<FeatureProfile>& profiles,
                       const PredictBlock& predict, RowLoss loss, const WeakSliceParams& params,
                       const Context& context) {
  const SliceMap map(profiles, rows);
  const SliceSums sums = sum_up(rows, map, predict, loss, context);
  WeakSlices result;
  std::vector<double> p_values, mean_of(map.size());
  std::vector<bool> told;
  map.each_slice([&](std::size_t slice, const std::string& name, const std::vector<std::size_t>& parents) {
    if (sums.rows[slice] < params.min_rows || sums.rows[slice] == sums.rows.back()) return;
    WeakSlice found = judge(sums, slice, name);
    mean_of[slice] = found.loss;
    p_values.push_back(found.p_value);
    told.push_back(std::ranges::all_of(parents, [&](std::size_t parent) { return found.loss > mean_of[parent]; }));
    result.slices.push_back(std::move(found));
  });
  result.looked_at = std::ssize(p_values);
  const std::vector<double> q = q_values(p_values, result.looked_at);
  std::vector<WeakSlice> weak;
  for (std::size_t i = 0; i < result.slices.size(); ++i) {
    result.slices[i].q_value = q[i];
    if (told[i] && q[i] <= params.max_q) weak.push_back(result.slices[i]);
  }
  std::ranges::stable_sort(weak, std::greater<>(), [](const WeakSlice& slice) {
    return static_cast<double>(slice.rows) * (slice.loss - slice.loss_elsewhere);
  });
  weak.resize(std::min(weak.size(), params.most));
  result.slices = std::move(weak);
  return result;
}

}  // namespace cohort
