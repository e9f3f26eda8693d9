// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/context.hpp"

namespace cohort {

/// Two classifiers judged by the same rows (DeLong, DeLong and Clarke-Pearson, Biometrics 1988).
struct PairedAuc {
  std::array<double, 2> roc_auc{};
  double difference = 0;      ///< second less first
  double standard_error = 0;  ///< of the difference; NaN where a class has fewer than two rows
  double p_value = 1;         ///< two-sided, of no difference
};

/// Scores of both classifiers and the class (0, 1) of this rank's rows, block by block, row by row.
struct PairedScores {
  std::array<std::vector<std::vector<double>>, 2> scores;
  std::vector<std::vector<std::int64_t>> positives;
};

/// Collective. All sums are of whole numbers, so that only the last divisions round. Each score travels six times (see
/// places_of): among all rows and among those of its class, from above and from below.
[[nodiscard]] PairedAuc paired_auc(const PairedScores& rows, const std::string& spill_folder, const Context& context);

}  // namespace cohort
