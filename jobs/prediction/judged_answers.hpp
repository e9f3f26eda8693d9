// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "jobs/prediction/class_judgement.hpp"
#include "jobs/prediction/judged_table.hpp"
#include "jobs/prediction/judgement.hpp"

namespace cohort {

/// Rows with a label and what a model said of them, block by block: a number, the probability of a yes, or that of each
/// of several classes. 32 bytes a row, and 8 for each class.
class JudgedAnswers {
 public:
  /// None yet, in as many blocks, of a model of this table's label.
  JudgedAnswers(const TrainingTable& table, std::size_t blocks);

  /// Adds a row; `said`: TrainingTable::answer_width() numbers. Thread-safe for rows of different blocks.
  void add(std::size_t block, std::span<const double> said, double label, double weight, std::uint64_t key);

  /// Collective. The model judged as its kind of answer asks for. `threshold`: see judge_classifier.
  [[nodiscard]] Judgement judge(const JudgementParams& params, double threshold, const StepContext& step) const;

 private:
  std::vector<std::string> classes_;
  bool classifies_;
  std::variant<JudgedRows, JudgedClasses> rows_;
};

/// Collective. The rows of a table with a label, and what is predicted of them.
[[nodiscard]] JudgedAnswers judged_answers(const TrainingTable& table, const CustomerRows& rows, const Predict& predict,
                                           JudgedBy by, const Context& context);

}  // namespace cohort
