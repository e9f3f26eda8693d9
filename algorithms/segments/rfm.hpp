// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/statistics/profile.hpp"
#include "core/block.hpp"
#include "core/context.hpp"
#include "core/fields.hpp"

namespace cohort {

/// Scores 1 (worst) to n_bins (best) of recency_days (few days are good), frequency and monetary, the named segment
/// that follows from them, and a tier by monetary. A value equal to a cut belongs to the bin below it.
struct Rfm {
  struct Params {
    std::int64_t n_bins = 5;
    /// Empty: quantiles. Else n_bins - 1 rising cuts for each of recency_days, frequency and monetary, in this order.
    std::vector<std::vector<double>> cuts;
    void describe(Fields& fields);
  };

  struct Model {
    std::int64_t n_bins = 5;
    std::vector<std::vector<double>> cuts;  ///< of recency_days, frequency, monetary
    std::vector<double> tier_cuts;          ///< monetary at the 50th, 80th and 95th percentile

    template <class Archive>
    void archive(Archive& members) {
      members("n_bins", n_bins);
      members("cuts", cuts);
      members("tier_cuts", tier_cuts);
    }
  };

  /// The columns scored, in the order of `cuts`.
  static const std::vector<std::string>& columns();
  /// Names by segment number, best first.
  static const std::vector<std::string>& segment_names();
  /// Names by tier number, lowest first.
  static const std::vector<std::string>& tier_names();

  /// Collective. Cuts by exact quantiles, or those given. Throws Error(bad_config) for a missing column or cuts that do
  /// not rise, Error(bad_data) for a column without values.
  static Model fit(const Params& params, const NumericTable& table, const Context& context);

  /// Scores of the rows of a block; 0, and -1 for segment and tier, where a column is missing.
  struct Assignment {
    std::vector<std::int32_t> r, f, m;
    std::vector<std::int32_t> segments, tiers;
  };
  /// `names` are the columns of the block's table.
  static Assignment assign(const Model& model, const std::vector<std::string>& names, const NumericBlock& block);

  /// Labels blocks of `columns()` by (recency score - 1) * n_bins + frequency score - 1.
  static Labeller recency_by_frequency(const Model& model);
};

}  // namespace cohort
