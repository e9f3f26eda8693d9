// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/judged_answers.hpp"

#include "algorithms/statistics/table_pass.hpp"
#include "core/collectively.hpp"
#include "core/threads.hpp"

namespace cohort {

JudgedAnswers::JudgedAnswers(const TrainingTable& table, std::size_t blocks)
    : classes_(table.params().classes), classifies_(table.classifies()), rows_(JudgedRows(blocks)) {
  if (!classes_.empty()) rows_ = JudgedClasses(blocks);
}

void JudgedAnswers::add(std::size_t block, std::span<const double> said, double label, double weight,
                        std::uint64_t key) {
  if (auto* classes = std::get_if<JudgedClasses>(&rows_)) return classes->add(block, said, label, weight, key);
  std::get<JudgedRows>(rows_)[block].push_back({said[0], label, weight, key});
}

Judgement JudgedAnswers::judge(const JudgementParams& params, double threshold, const StepContext& step) const {
  if (const auto* judged = std::get_if<JudgedClasses>(&rows_)) return judge_classes(*judged, classes_, params, step);
  const auto& judged = std::get<JudgedRows>(rows_);
  return classifies_ ? judge_classifier(judged, params, threshold, step) : judge_numbers(judged, params, step);
}

JudgedAnswers judged_answers(const TrainingTable& table, const CustomerRows& rows, const Predict& predict, JudgedBy by,
                             const Context& context) {
  const std::vector<std::vector<std::uint64_t>> keys = customer_keys(rows, context);
  const std::size_t width = table.answer_width();
  JudgedAnswers judged(table, keys.size());
  collectively(context.comm, [&] {
    Readers readers(table, context.threads);
    parallel_for(context.threads, table.block_count(), [&](int worker, std::int64_t index) {
      const NumericBlock block = readers.read(worker, index);
      const std::vector<double> said = predict(block);
      const std::span<const double> label = table.label(block), weight = weights_of(table, block, by);
      const auto b = static_cast<std::size_t>(index);
      for (std::size_t i = 0; i < label.size(); ++i) {
        if (!(label[i] == label[i] && weight[i] > 0)) continue;
        judged.add(b, std::span(said).subspan(i * width, width), label[i], weight[i], keys[b][i]);
      }
    });
  });
  return judged;
}

}  // namespace cohort
