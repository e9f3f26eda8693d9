// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/context.hpp"

namespace cohort {

/// A judged row: the probability it was given and what it was.
struct JudgedRow {
  double probability = 0;
  std::int64_t positive = 0;
};

/// What a binary classifier is worth on rows with known labels. Every figure is a function of counts and of exact sums:
/// the same at any number of ranks. Undefined figures are NaN.
struct BinaryMetrics {
  static constexpr std::size_t tenths = 10;

  std::int64_t rows = 0, positives = 0;
  double roc_auc = 0;                        ///< ties count half
  double roc_auc_low = 0, roc_auc_high = 0;  ///< 95 % interval (DeLong, DeLong and Clarke-Pearson, Biometrics 1988)
  double roc_auc_variance = 0;
  double average_precision = 0;
  double ks = 0;  ///< largest distance of the two classes' distribution functions
  double log_loss = 0, brier = 0;
  double ece = 0;                                        ///< by ten bins of equal width
  std::int64_t true_positives = 0, false_positives = 0;  ///< at a probability of one half and above
  std::array<double, tenths> captured{};  ///< positives in the first k tenths of the rows; a tie is shared out

  struct CalibrationBin {
    std::int64_t rows = 0, positives = 0;
    double mean_probability = 0;
  };
  std::array<CalibrationBin, tenths> calibration{};

  /// Counts of rows and positives at or above thresholds, descending: at most 200 points of the ROC and PR curves.
  struct CurvePoint {
    double threshold = 0;
    std::int64_t rows = 0, positives = 0;
  };
  std::vector<CurvePoint> curve;

  [[nodiscard]] double accuracy() const;
  [[nodiscard]] double f1() const;
  [[nodiscard]] double lift_10() const;  ///< share of positives in the first tenth over that in all rows
  [[nodiscard]] double gain_10() const;  ///< share of all positives that the first tenth holds
};

/// Appends the judged rows of a block of this rank.
using JudgedBlocks = std::function<void(int worker, std::int64_t block, std::vector<JudgedRow>& rows)>;

/// Collective. Two passes over `blocks` blocks; rows travel once, 16 bytes each, to be sorted bin by bin.
[[nodiscard]] BinaryMetrics binary_metrics(std::int64_t blocks, const JudgedBlocks& judged,
                                           const std::string& spill_folder, const Context& context);

}  // namespace cohort
