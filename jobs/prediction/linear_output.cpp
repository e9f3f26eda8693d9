// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/linear_output.hpp"

#include <cmath>

#include "algorithms/evaluation/binary_metrics.hpp"
#include "algorithms/evaluation/regression_metrics.hpp"
#include "algorithms/linear/linear_inference.hpp"
#include "algorithms/statistics/table_pass.hpp"

namespace cohort {
namespace {

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}
double share(std::int64_t part, std::int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

/// Walks over the judged rows of a block: those with a label, held out or not as asked.
class Judge {
 public:
  Judge(const StepContext& step, const TrainingTable& table, const Glm::Model& model, bool held_out)
      : scorer_(model, table.features(), table.labels()),
        readers_(table, step.context.threads),
        features_(table.labels().size()),
        held_out_(held_out) {}

  template <class Each>
  void operator()(int worker, std::int64_t index, const Each& each) {
    const NumericBlock block = readers_.read(worker, index);
    const std::vector<double> means = scorer_.means(block);
    const std::span<const double> label = block.columns[features_], weight = block.columns[features_ + 1],
                                  held_out = block.columns[features_ + 2];
    for (std::size_t i = 0; i < means.size(); ++i) {
      if (label[i] == label[i] && (held_out_ ? held_out[i] > 0 : weight[i] > 0)) each(means[i], label[i]);
    }
  }

 private:
  Glm::Scorer scorer_;
  Readers readers_;
  std::size_t features_;
  bool held_out_;
};

ResultTable gains_table(const BinaryMetrics& metrics) {
  ResultTable table{.name = "gains",
                    .title = "Gains: what the highest scores hold",
                    .columns = {"share_of_customers", "gain", "lift"},
                    .rows = {}};
  for (std::size_t k = 0; k < metrics.captured.size(); ++k) {
    const double gain = metrics.captured[k] / static_cast<double>(metrics.positives);
    const double customers = static_cast<double>(k + 1) / static_cast<double>(metrics.captured.size());
    table.rows.push_back({customers, number(gain), number(gain / customers)});
  }
  table.chart = {{"type", "line"}, {"x", "share_of_customers"}, {"y", {"gain", "share_of_customers"}}};
  return table;
}

ResultTable roc_table(const BinaryMetrics& metrics) {
  ResultTable table{.name = "roc",
                    .title = "ROC curve",
                    .columns = {"false_positive_rate", "true_positive_rate", "threshold"},
                    .rows = {}};
  for (const BinaryMetrics::CurvePoint& point : metrics.curve) {
    table.rows.push_back({number(share(point.rows - point.positives, metrics.rows - metrics.positives)),
                          number(share(point.positives, metrics.positives)), point.threshold});
  }
  table.chart = {{"type", "line"}, {"x", "false_positive_rate"}, {"y", {"true_positive_rate"}}};
  return table;
}

ResultTable precision_recall_table(const BinaryMetrics& metrics) {
  ResultTable table{.name = "precision_recall",
                    .title = "Precision and recall",
                    .columns = {"recall", "precision", "threshold"},
                    .rows = {}};
  for (const BinaryMetrics::CurvePoint& point : metrics.curve) {
    table.rows.push_back({number(share(point.positives, metrics.positives)), number(share(point.positives, point.rows)),
                          point.threshold});
  }
  table.chart = {{"type", "line"}, {"x", "recall"}, {"y", {"precision"}}};
  return table;
}

ResultTable calibration_table(const BinaryMetrics& metrics) {
  ResultTable table{.name = "calibration",
                    .title = "Calibration: what was said and what came",
                    .columns = {"mean_probability", "share_of_positives", "customers"},
                    .rows = {}};
  for (const BinaryMetrics::CalibrationBin& bin : metrics.calibration) {
    if (bin.rows > 0) table.rows.push_back({bin.mean_probability, share(bin.positives, bin.rows), bin.rows});
  }
  table.chart = {{"type", "line"}, {"x", "mean_probability"}, {"y", {"share_of_positives", "mean_probability"}}};
  return table;
}

void enter(const BinaryMetrics& judged, Json& metrics) {
  metrics["judged_rows"] = judged.rows;
  metrics["judged_positives"] = judged.positives;
  const std::vector<std::pair<const char*, double>> figures{{"roc_auc", judged.roc_auc},
                                                            {"roc_auc_low", judged.roc_auc_low},
                                                            {"roc_auc_high", judged.roc_auc_high},
                                                            {"roc_auc_se", std::sqrt(judged.roc_auc_variance)},
                                                            {"average_precision", judged.average_precision},
                                                            {"ks", judged.ks},
                                                            {"gini", 2 * judged.roc_auc - 1},
                                                            {"log_loss", judged.log_loss},
                                                            {"brier", judged.brier},
                                                            {"ece", judged.ece},
                                                            {"lift@10", judged.lift_10()},
                                                            {"gain@10", judged.gain_10()},
                                                            {"accuracy", judged.accuracy()},
                                                            {"f1", judged.f1()}};
  for (const auto& [name, value] : figures) metrics[name] = number(value);
}

std::string_view words_of(std::int64_t verdict) {
  switch (static_cast<Glm::Verdict>(verdict)) {
    case Glm::Verdict::estimated: return "";
    case Glm::Verdict::constant: return "left out: the same for all rows";
    case Glm::Verdict::collinear: return "left out: follows from the terms above";
    case Glm::Verdict::separated: return "separates the classes: no finite optimum";
  }
  return "";
}

}  // namespace

std::vector<ResultTable> judge_linear(const StepContext& step, const TrainingTable& table, const Glm::Model& model,
                                      bool held_out, Json& metrics) {
  const Context& context = step.context;
  Judge judge(step, table, model, held_out);
  metrics["judged_on"] = held_out ? "held-out rows" : "the rows learned from";
  if (model.family == static_cast<std::int64_t>(GlmFamily::gaussian)) {
    const RegressionMetrics judged = regression_metrics(
        table.block_count(),
        [&](int worker, std::int64_t block, std::vector<PredictedRow>& rows) {
          judge(worker, block, [&](double mean, double label) { rows.push_back({mean, label}); });
        },
        context);
    metrics["judged_rows"] = judged.rows;
    metrics["rmse"] = number(judged.rmse);
    metrics["mae"] = number(judged.mae);
    metrics["r2"] = number(judged.r2);
    return {};
  }
  const BinaryMetrics judged = binary_metrics(
      table.block_count(),
      [&](int worker, std::int64_t block, std::vector<JudgedRow>& rows) {
        judge(worker, block, [&](double mean, double label) { rows.push_back({mean, label > 0 ? 1 : 0}); });
      },
      step.folder.string(), context);
  enter(judged, metrics);
  return {roc_table(judged), precision_recall_table(judged), gains_table(judged), calibration_table(judged)};
}

ResultTable coefficients_table(const Glm::Model& model) {
  ResultTable table{.name = "coefficients",
                    .title = "Coefficients in the units of the columns, with 95 % intervals",
                    .columns = {"term", "coefficient", "standard_error", "statistic", "p_value", "low", "high", "note"},
                    .rows = {}};
  const double half = interval_half_width(model.freedom);
  for (std::size_t j = 0; j < model.coefficients.size(); ++j) {
    const double value = model.coefficients[j], error = model.standard_errors[j];
    const std::string term = j == 0 ? "(intercept)" : model.design.terms[j - 1].name;
    const bool given = error > 0;
    table.rows.push_back({term, value, number(error), given ? number(value / error) : nullptr,
                          given ? number(two_sided_p(value / error, model.freedom)) : nullptr,
                          number(value - half * error), number(value + half * error), words_of(model.verdicts[j])});
  }
  table.chart = {{"type", "bar"}, {"x", "term"}, {"y", {"coefficient"}}};
  return table;
}

}  // namespace cohort
