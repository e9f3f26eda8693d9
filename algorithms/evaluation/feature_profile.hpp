// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/linear/design_matrix.hpp"
#include "core/context.hpp"

namespace cohort {

/// How the values of a column are spread: shares of rows in bins. Travels with a model, so that data it is applied to
/// later can be held against those it learned from.
struct FeatureProfile {
  static constexpr std::size_t most_levels = 50;

  std::string name;
  std::int64_t categorical = 0;
  std::vector<double> cuts;         ///< of numbers, ascending: bin i holds values below cuts[i], the last one the rest
  std::vector<std::string> levels;  ///< of a category: the most frequent ones; what is none of them shares a bin
  std::vector<double> shares;       ///< of each bin; last the missing values

  template <class Archive>
  void archive(Archive& members) {
    members("name", name);
    members("categorical", categorical);
    members("cuts", cuts);
    members("levels", levels);
    members("shares", shares);
  }
  /// Bins, that of missing values included.
  [[nodiscard]] std::size_t bins() const { return (categorical != 0 ? levels.size() : cuts.size()) + 2; }
};

/// What a column alone says of the label.
struct FeatureAlone {
  double roc_auc = 0.5;          ///< of the better direction; a category's levels by their share of positives
  double information_value = 0;  ///< sum of (p - n) ln(p / n) over bins' shares of positives and negatives
};

/// Bins a column's values. Thread-safe.
class FeatureBins {
 public:
  /// `labels`: of the column at hand by code; empty for numbers.
  FeatureBins(const FeatureProfile& profile, const std::vector<std::string>& labels);
  [[nodiscard]] std::size_t of(double value) const;

 private:
  std::vector<double> cuts_;
  std::vector<std::size_t> bin_of_code_;
  std::size_t bins_;
};

struct ProfiledFeatures {
  std::vector<FeatureProfile> profiles;
  std::vector<FeatureAlone> alone;
};

/// Collective. Profiles of all features of the used rows: cuts at 31 quantiles of a sample, shares of all. Three
/// passes, one of them over a sample. A label counts as positive above `positive_above`.
[[nodiscard]] ProfiledFeatures profile_features(const LabelledRows& rows, double positive_above,
                                                const Context& context);

/// Collective. Shares of the used rows of other data in the bins of profiles; `columns` are theirs among the features.
[[nodiscard]] std::vector<std::vector<double>> shares_in(const std::vector<FeatureProfile>& profiles,
                                                         const LabelledRows& rows, const Context& context);

/// Population stability index of two lists of shares; a share below 0.0001 counts as that.
[[nodiscard]] double population_stability_index(const std::vector<double>& expected, const std::vector<double>& found);

}  // namespace cohort
