// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "algorithms/evaluation/class_metrics.hpp"
#include "jobs/prediction/judgement.hpp"

namespace cohort {

/// The rows with a label and what a model of several classes said of them: 32 bytes each, and 8 for each class.
struct JudgedClasses {
  explicit JudgedClasses(std::size_t blocks) : rows(blocks), probabilities(blocks) {}
  /// Adds a row of a block; `said`: the probability of each class.
  void add(std::size_t block, std::span<const double> said, double label, double weight, std::uint64_t key);

  ClassRows rows;
  std::vector<std::vector<double>> probabilities;  ///< of each block, row by row

  /// The rows as a question of yes or no: is it this class?
  [[nodiscard]] JudgedRows one_against_rest(std::size_t k, std::size_t classes) const;
};

/// Collective. Metrics with intervals, each class against the rest, and the confusion matrix.
[[nodiscard]] Judgement judge_classes(const JudgedClasses& judged, const std::vector<std::string>& classes,
                                      const JudgementParams& params, const StepContext& step);

}  // namespace cohort
