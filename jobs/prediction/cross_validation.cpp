// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/cross_validation.hpp"

#include <xxhash.h>
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "algorithms/statistics/table_pass.hpp"
#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/random.hpp"
#include "core/threads.hpp"
#include "jobs/prediction/kept_rows.hpp"

namespace cohort {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

FoldRule rule_of(const TrainingTable& table) {
  const std::string& split = table.params().cross_validate.split;
  if (split == "group") return FoldRule::group;
  if (split == "time") return FoldRule::time;
  const bool classes = table.classifies() || table.answer_width() > 1;
  if (split == "stratified" && !classes) {
    throw Error(ExitCode::bad_config, "cross_validate.split: stratified needs classes, and this label is a number",
                "use kfold");
  }
  return split == "kfold" || !classes ? FoldRule::kfold : FoldRule::stratified;
}

/// The key of a group: of a label where the column is a category, so that its code does not show.
std::uint64_t group_key(double value, const std::vector<std::string>& labels) {
  if (labels.empty()) return std::bit_cast<std::uint64_t>(value);
  const std::string& label = labels[static_cast<std::size_t>(value)];
  return XXH3_64bits(label.data(), label.size());
}

/// One cross-validation at work.
class CrossValidation {
 public:
  CrossValidation(const TrainingTable& table, const CustomerRows& rows, const StepContext& step)
      : table_(table), rows_(rows), step_(step), rule_(rule_of(table)), result_{.judged = none()} {
    const auto blocks = static_cast<std::size_t>(table.block_count());
    for (auto* values : {&result_.labels, &result_.predictions, &weights_}) values->resize(blocks);
  }

  /// Collective.
  OutOfFold run(const Learn& learn) {
    keys_ = customer_keys(rows_, step_.context);
    deal();
    Context unkept = step_.context;  // of fits that share a name no checkpoint could tell which it belongs to
    unkept.checkpoints = nullptr;
    unkept.show_progress = false;
    std::vector<Json> of_folds;
    for (std::int32_t fold = 0; fold < table_.params().cross_validate.n_splits; ++fold) {
      const KeptRows kept(
          table_, [&](std::size_t block, std::size_t row) { return learns(rule_, result_.folds[block][row], fold); });
      predict(fold, learn(kept, unkept)(table_));
      of_folds.push_back(judge(fold));
    }
    result_.judged = judged([](std::int32_t fold) { return fold >= 0; });
    summarise(of_folds);
    return std::move(result_);
  }

 private:
  /// Collective. Labels, weights and folds of all rows.
  void deal() {
    const CrossValidateParams& params = table_.params().cross_validate;
    std::vector<std::vector<FoldRow>> to_deal(result_.labels.size());
    collectively(step_.context.comm, [&] {
      Readers readers(table_, step_.context.threads);
      parallel_for(step_.context.threads, table_.block_count(), [&](int worker, std::int64_t index) {
        const NumericBlock block = readers.read(worker, index);
        const std::span<const double> label = table_.label(block), weight = table_.weight(block);
        const auto b = static_cast<std::size_t>(index);
        result_.labels[b].assign(label.begin(), label.end());
        result_.predictions[b].assign(label.size() * table_.answer_width(), nan);
        weights_[b].assign(weight.begin(), weight.end());
        for (std::size_t i = 0; i < label.size(); ++i) {
          to_deal[b].push_back({.key = keys_[b][i], .order = label[i], .used = label[i] == label[i] && weight[i] > 0});
        }
      });
    });
    if (!params.by.empty()) split_by_column(params, to_deal);
    result_.folds =
        deal_folds(to_deal, rule_, params.n_splits, static_cast<std::uint64_t>(table_.params().random_state),
                   step_.folder.string(), step_.context);
  }

  /// Collective. The group or time of each row instead of its customer and class; without one it is not used.
  void split_by_column(const CrossValidateParams& params, std::vector<std::vector<FoldRow>>& to_deal) const {
    const Context& context = step_.context;
    const std::vector<std::string> labels =
        made_collectively(context.comm, [&] { return labels_of(rows_, {params.by}).front(); });
    const ShardNumericTable column = rows_.numbers(context.comm, {params.by});
    collectively(context.comm, [&] {
      Readers readers(column, context.threads);
      parallel_for(context.threads, column.block_count(), [&](int worker, std::int64_t index) {
        const NumericBlock block = readers.read(worker, index);
        for (std::size_t i = 0; i < static_cast<std::size_t>(block.rows); ++i) {
          FoldRow& row = to_deal[static_cast<std::size_t>(index)][i];
          const double value = block.columns[0][i];
          row.used = row.used && value == value;
          if (!row.used) continue;
          row.order = value;
          if (rule_ == FoldRule::group) row.key = group_key(value, labels);
        }
      });
    });
  }

  void predict(std::int32_t fold, const Predict& model) {
    collectively(step_.context.comm, [&] {
      Readers readers(table_, step_.context.threads);
      parallel_for(step_.context.threads, table_.block_count(), [&](int worker, std::int64_t index) {
        const auto b = static_cast<std::size_t>(index);
        if (std::ranges::count(result_.folds[b], fold) == 0) return;
        const std::vector<double> said = model(readers.read(worker, index));
        const std::size_t width = table_.answer_width();
        for (std::size_t at = 0; at < said.size(); ++at) {
          if (result_.folds[b][at / width] == fold) result_.predictions[b][at] = said[at];
        }
      });
    });
  }

  [[nodiscard]] JudgedAnswers none() const { return {table_, static_cast<std::size_t>(table_.block_count())}; }

  /// The rows of some folds.
  template <class Wanted>
  [[nodiscard]] JudgedAnswers judged(const Wanted& wanted) const {
    JudgedAnswers rows = none();
    const std::size_t width = table_.answer_width();
    for (std::size_t b = 0; b < result_.folds.size(); ++b) {
      for (std::size_t i = 0; i < result_.folds[b].size(); ++i) {
        if (!wanted(result_.folds[b][i])) continue;
        rows.add(b, std::span(result_.predictions[b]).subspan(i * width, width), result_.labels[b][i], weights_[b][i],
                 keys_[b][i]);
      }
    }
    return rows;
  }

  /// Collective. The metrics of one fold.
  [[nodiscard]] Json judge(std::int32_t fold) const {
    const JudgementParams plain{.bootstrap = 0, .deviance_power = table_.params().judgement.deviance_power};
    return judged([fold](std::int32_t of) { return of == fold; }).judge(plain, nan, step_).metrics;
  }

  void summarise(const std::vector<Json>& of_folds) {
    ResultTable by_fold{.name = "folds", .title = "Cross-validation, fold by fold", .columns = {"fold"}, .rows = {}};
    ResultTable means{.name = "cross_validation",
                      .title = "Cross-validation: means over the folds",
                      .columns = {"metric", "mean", "standard_error"},
                      .rows = {}};
    for (std::size_t fold = 0; fold < of_folds.size(); ++fold) by_fold.rows.push_back({fold + 1});
    for (const auto& [name, unused] : of_folds.front().items()) {
      if (name.ends_with("_low") || name.ends_with("_high") || name.ends_with("_se")) continue;
      by_fold.columns.push_back(name);
      for (std::size_t fold = 0; fold < of_folds.size(); ++fold) by_fold.rows[fold].push_back(of_folds[fold][name]);
      if (!name.starts_with("judged_")) add_mean(name, of_folds, means);
    }
    result_.tables = {std::move(means), std::move(by_fold)};
  }

  void add_mean(const std::string& name, const std::vector<Json>& of_folds, ResultTable& means) {
    double sum = 0, squares = 0;
    const auto folds = static_cast<double>(of_folds.size());
    for (const Json& metrics : of_folds) sum += metrics[name].is_null() ? nan : metrics[name].get<double>();
    const double mean = sum / folds;
    if (!std::isfinite(mean)) return;
    for (const Json& metrics : of_folds) squares += std::pow(metrics[name].get<double>() - mean, 2);
    const double error = std::sqrt(squares / (folds - 1) / folds);
    result_.metrics["cv_" + name] = mean;
    result_.metrics["cv_" + name + "_se"] = number_or_null(error);
    means.rows.push_back({name, mean, number_or_null(error)});
  }

  const TrainingTable& table_;
  const CustomerRows& rows_;
  const StepContext& step_;
  FoldRule rule_;
  std::vector<std::vector<std::uint64_t>> keys_;
  std::vector<std::vector<double>> weights_;
  OutOfFold result_;
};

}  // namespace

OutOfFold cross_validate(const TrainingTable& table, const CustomerRows& rows, const Learn& learn,
                         const StepContext& step) {
  const auto validation =
      made_collectively(step.context.comm, [&] { return std::make_shared<CrossValidation>(table, rows, step); });
  return validation->run(learn);
}

ResultTable learning_curve(const TrainingTable& table, const CustomerRows& rows, const Learn& learn,
                           const std::function<Json(const Fitted&)>& judge, const StepContext& step) {
  const auto keys = customer_keys(rows, step.context);
  const auto seed = static_cast<std::uint64_t>(table.params().random_state);
  Context unkept = step.context;
  unkept.checkpoints = nullptr;
  unkept.show_progress = false;
  ResultTable curve{.name = "learning_curve",
                    .title = "Learning curve: what more customers would bring",
                    .columns = {"share_of_customers"},
                    .rows = {}};
  for (const double share : {0.1, 0.2, 0.4, 0.7, 1.0}) {
    const KeptRows kept(table, [&](std::size_t block, std::size_t row) {
      return RandomStream(seed, "learning curve", keys[block][row]).uniform() < share;
    });
    const Json metrics = judge(learn(kept, unkept));
    std::vector<Json> row{share};
    for (const char* name : {"log_loss", "roc_auc", "roc_auc_ovr", "rmse", "r2"}) {
      if (!metrics.contains(name)) continue;
      if (curve.rows.empty()) curve.columns.emplace_back(name);
      row.push_back(metrics[name]);
    }
    curve.rows.push_back(std::move(row));
  }
  curve.chart = {{"type", "line"}, {"x", "share_of_customers"}, {"y", {curve.columns[1]}}};
  return curve;
}

}  // namespace cohort
