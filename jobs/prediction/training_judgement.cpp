// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/training_judgement.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "core/collectively.hpp"

namespace cohort {
namespace {

constexpr double best = std::numeric_limits<double>::quiet_NaN();  // threshold: the one of the largest profit

/// The rows of another step, by which a model is judged: the same features and label, none held out.
struct LaterTable {
  /// Collective.
  LaterTable(const TrainingTable& learned, const StepContext& step)
      : rows(open_customer_rows(step, learned.params().holdout.input)), table(made_collectively(step.context.comm, [&] {
          TrainingParams params = learned.params();
          params.positive = learned.positive();
          params.holdout = {};
          params.cross_validate = {};
          params.cluster.clear();
          return TrainingTable(params, rows, learned.classifies());
        })) {}

  CustomerRows rows;
  TrainingTable table;
};

/// The rows that judge a model, whichever they are.
class JudgingRows {
 public:
  /// Collective.
  JudgingRows(const TrainingTable& table, const CustomerRows& rows, const StepContext& step)
      : table_(table), rows_(rows), step_(step) {
    if (!table.params().holdout.input.empty()) later_.emplace(table, step);
  }

  /// Collective.
  [[nodiscard]] Judgement judge(const Fitted& model, const JudgementParams& params) const {
    const TrainingTable& table = later_ ? later_->table : table_;
    const CustomerRows& rows = later_ ? later_->rows : rows_;
    const Predict predict = made_collectively(step_.context.comm, [&] { return model(table); });
    const JudgedBy by = table.params().holdout.any() ? JudgedBy::held_out : JudgedBy::learned_from;
    return judged_answers(table, rows, predict, by, step_.context).judge(params, best, step_);
  }

  [[nodiscard]] bool others() const { return later_ || table_.params().holdout.any(); }  ///< not learned from
  [[nodiscard]] std::string name() const {
    if (later_) return table_.params().holdout.input;
    return others() ? "held-out rows" : "the rows learned from";
  }

 private:
  const TrainingTable& table_;
  const CustomerRows& rows_;
  const StepContext& step_;
  std::optional<LaterTable> later_;
};

}  // namespace

Judgement judge_training(const TrainingTable& table, const CustomerRows& rows, const Fitted& model, const Learn& learn,
                         const StepContext& step) {
  const Metrics::Phase phase(step.context.metrics, step.context.comm, step.id + "/judge");
  const TrainingParams& params = table.params();
  const JudgingRows judging(table, rows, step);
  std::optional<OutOfFold> out_of_fold;
  if (params.cross_validate.n_splits > 0) {
    out_of_fold = cross_validate(table, rows, learn, step);
    write_out_of_fold(*out_of_fold, params.classes, rows, step);
  }
  const bool by_folds = out_of_fold && !judging.others();
  Judgement result =
      by_folds ? out_of_fold->judged.judge(params.judgement, best, step) : judging.judge(model, params.judgement);
  if (result.metrics["judged_rows"] == 0 && judging.others()) {
    throw Error(ExitCode::bad_data, fmt::format("no row judges the model: holdout finds none in {}", params.input),
                "correct holdout, or leave it out to judge by the rows learned from");
  }
  result.metrics["judged_on"] = by_folds ? "out-of-fold predictions" : judging.name();
  if (out_of_fold) {
    result.metrics.update(out_of_fold->metrics);
    std::ranges::move(out_of_fold->tables, std::back_inserter(result.tables));
  }
  if (!params.learning_curve) return result;
  const auto metrics_of = [&](const Fitted& of_share) {
    const JudgementParams plain{.bootstrap = 0, .deviance_power = params.judgement.deviance_power};
    return judging.judge(of_share, plain).metrics;
  };
  result.tables.push_back(learning_curve(table, rows, learn, metrics_of, step));
  return result;
}

}  // namespace cohort
