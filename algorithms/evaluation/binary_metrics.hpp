// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/evaluation/binary_figures.hpp"
#include "algorithms/evaluation/bootstrap.hpp"
#include "algorithms/evaluation/judged_rows.hpp"
#include "core/context.hpp"

namespace cohort {

/// What a binary classifier is worth on rows with known labels. Every figure is made of whole numbers and exact sums:
/// the same at any number of ranks. Undefined figures are NaN.
struct BinaryMetrics {
  static constexpr std::size_t tenths = BinaryReplicate::tenths;

  std::int64_t rows = 0, positives = 0;
  BinaryReplicate of_rows;  ///< the figures
  /// 95 % intervals: of roc_auc (and gini) by DeLong, DeLong and Clarke-Pearson (Biometrics 1988) where all weights are
  /// equal; of the others, and where weights differ, between percentiles of a bootstrap. NaN where there is none.
  std::array<double, binary_figure_count> low{}, high{};
  double roc_auc_variance = 0;  ///< DeLong's; NaN where weights differ
  double best_threshold = 0;    ///< the highest at which the profit is largest; infinite: treat nobody

  /// Weights of rows and positives at or above thresholds, descending: at most 200 points of the ROC and PR curves.
  struct CurvePoint {
    double threshold = 0, weight = 0, positive_weight = 0;
  };
  std::vector<CurvePoint> curve;

  [[nodiscard]] double operator[](BinaryFigure figure) const {
    return of_rows.figures[static_cast<std::size_t>(figure)];
  }
};

/// What else is asked of a judgement.
struct BinaryQuestion {
  Bootstrap bootstrap;
  double value = 0, cost = 0;  ///< of a Profit; its threshold is the best one if `threshold` is NaN
  double threshold = std::numeric_limits<double>::quiet_NaN();
};

/// Collective. Rows travel once, 32 bytes each, and lie sorted, bin by bin; then each replicate of the bootstrap costs
/// two walks over them, some 10 ns a row.
[[nodiscard]] BinaryMetrics binary_metrics(const JudgedRows& judged, const BinaryQuestion& question,
                                           const std::string& spill_folder, const Context& context);

}  // namespace cohort
