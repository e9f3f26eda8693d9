// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/compared_models.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "algorithms/evaluation/deviance_metrics.hpp"
#include "algorithms/evaluation/paired_auc.hpp"
#include "algorithms/evaluation/row_loss.hpp"
#include "algorithms/statistics/significance.hpp"
#include "algorithms/statistics/table_pass.hpp"
#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/threads.hpp"

namespace cohort {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// What a model is asked, in words: models can be compared where these are the same.
std::string question_of(const LoadedModel& model) {
  const std::string& label = model.card.label;
  if (!model.classes.empty()) return fmt::format("which of {} {} is", fmt::join(model.classes, ", "), label);
  return model.classifies ? fmt::format("whether {} is {}", label, model.positive)
                          : fmt::format("the number {}", label);
}

std::vector<LoadedModel> load_models(const std::vector<std::string>& steps, const std::filesystem::path& out) {
  std::vector<LoadedModel> models;
  for (const std::string& id : steps) {
    models.push_back(load_prediction_model((out / id / "model.h5").string()));
    const std::string first = question_of(models.front()), other = question_of(models.back());
    if (first == other) continue;
    throw Error(ExitCode::bad_config,
                fmt::format("compare: '{}' predicts {}, and '{}' predicts {}", steps.front(), first, id, other),
                "compare models of one label: numbers, or one positive value, or the same classes");
  }
  return models;
}

/// What the models say of those rows of a block that have a label and weigh something.
struct Answers {
  std::vector<double> labels, weights;
  std::vector<std::vector<double>> said;  ///< by each model; of several classes row by row
};
using AnswersOfBlock = std::function<Answers(int worker, std::int64_t block)>;

Answers answers_to(const NumericBlock& block, const ComparedModels& on) {
  const std::size_t width = on.table->answer_width();
  const std::span<const double> label = on.table->label(block);
  const std::span<const double> weight = weights_of(*on.table, block, JudgedBy::learned_from);
  Answers answers{.said = std::vector<std::vector<double>>(on.models.size())};
  std::vector<std::vector<double>> of_all;
  for (const Predict& predict : on.predict) of_all.push_back(predict(block));
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (!(label[i] == label[i] && weight[i] > 0)) continue;
    answers.labels.push_back(label[i]);
    answers.weights.push_back(weight[i]);
    for (std::size_t m = 0; m < of_all.size(); ++m) {
      const auto of_row = std::span(of_all[m]).subspan(i * width, width);
      answers.said[m].insert(answers.said[m].end(), of_row.begin(), of_row.end());
    }
  }
  return answers;
}

/// Collective. Paired means of what figures_of(model, label, what it says, values) appends to the values, `count` each.
template <class Figures>
PairedMeans means_of(const ComparedModels& on, const AnswersOfBlock& answers_of, std::size_t count,
                     const Figures& figures_of, const Context& context) {
  const std::size_t width = on.table->answer_width();
  const auto figures = [&](int worker, std::int64_t block) {
    const Answers answers = answers_of(worker, block);
    RowFigures rows{.weights = answers.weights, .values = {}};
    rows.values.reserve(answers.labels.size() * on.models.size() * count);
    for (std::size_t i = 0; i < answers.labels.size(); ++i) {
      for (std::size_t m = 0; m < on.models.size(); ++m) {
        figures_of(m, answers.labels[i], std::span(answers.said[m]).subspan(i * width, width), rows.values);
      }
    }
    return rows;
  };
  return paired_means(on.table->block_count(), on.models.size(), count, figures, context);
}

/// The root of a mean of squares; the errors are scaled so that the test stays that of the squares.
PairedMean root_of(PairedMean squares, const PairedMean& of_first) {
  const double both = std::sqrt(squares.mean) + std::sqrt(of_first.mean);
  squares.mean = std::sqrt(squares.mean);
  if (!(both > 0)) return squares;
  squares.difference /= both;
  squares.standard_error /= both;
  return squares;
}

/// Collective.
Comparison compare_numbers(const ComparedModels& on, const AnswersOfBlock& answers, const Context& context) {
  const double power = on.models.front().deviance_power;  // NaN, and equal to none, where there is no law
  const auto same_law = [&](std::size_t m) { return on.models[m].deviance_power == power; };
  const auto figures = [&](std::size_t m, double label, std::span<const double> said, std::vector<double>& values) {
    const double error = said[0] - label;
    const bool lawful = same_law(m) && law_has(power, label);
    values.insert(values.end(), {error * error, std::abs(error), lawful ? unit_deviance(power, label, said[0]) : nan});
  };
  constexpr std::size_t count = 3;
  const PairedMeans found = means_of(on, answers, count, figures, context);
  Comparison result{.rows = found.rows, .models = {}};
  for (std::size_t m = 0; m < on.models.size(); ++m) {
    const auto of = std::span(found.figures).subspan(m * count, count);
    result.models.push_back({{.name = "rmse", .of = root_of(of[0], found.figures[0])}, {.name = "mae", .of = of[1]}});
    if (same_law(m)) result.models.back().push_back({.name = "tweedie_deviance", .of = of[2]});
  }
  return result;
}

/// Collective.
Comparison compare_classes(const ComparedModels& on, const AnswersOfBlock& answers, const Context& context) {
  const auto figures = [](std::size_t, double label, std::span<const double> said, std::vector<double>& values) {
    const auto at = static_cast<std::size_t>(label);
    values.push_back(row_loss(RowLoss::logarithmic, said[at], 1));
    values.push_back(Softmax::Scorer::most_probable(said) == at ? 1 : 0);
  };
  const PairedMeans found = means_of(on, answers, 2, figures, context);
  Comparison result{.rows = found.rows, .models = {}};
  for (std::size_t m = 0; m < on.models.size(); ++m) {
    PairedMean right = found.figures[2 * m + 1];
    if (on.table->params().weight.empty()) right.p_value = mcnemar_mid_p(right.higher, right.lower);
    result.models.push_back(
        {{.name = "log_loss", .of = found.figures[2 * m]}, {.name = "accuracy", .is_loss = false, .of = right}});
  }
  return result;
}

/// Collective. AUC of a model beside the first model's.
std::array<PairedMean, 2> areas(const std::vector<Answers>& held, std::size_t model, const StepContext& step) {
  PairedScores scores;
  for (const Answers& block : held) {
    scores.scores[0].push_back(block.said[0]);
    scores.scores[1].push_back(block.said[model]);
    scores.positives.emplace_back(block.labels.begin(), block.labels.end());
  }
  const PairedAuc found = paired_auc(scores, step.folder.string(), step.context);
  return {PairedMean{.mean = found.roc_auc[0]},
          PairedMean{.mean = found.roc_auc[1],
                     .difference = found.difference,
                     .standard_error = found.standard_error,
                     .p_value = std::isnan(found.difference) ? nan : found.p_value}};
}

/// Collective.
Comparison compare_yes_or_no(const ComparedModels& on, const AnswersOfBlock& answers, const StepContext& step) {
  std::vector<Answers> held(static_cast<std::size_t>(on.table->block_count()));
  collectively(step.context.comm, [&] {
    parallel_for(step.context.threads, on.table->block_count(), [&](int worker, std::int64_t block) {
      held[static_cast<std::size_t>(block)] = answers(worker, block);
    });
  });
  const auto figures = [](std::size_t, double label, std::span<const double> said, std::vector<double>& values) {
    values.push_back(row_loss(RowLoss::logarithmic, said[0], label));
    values.push_back(row_loss(RowLoss::squared, said[0], label));
  };
  const auto kept = [&](int, std::int64_t block) { return held[static_cast<std::size_t>(block)]; };
  const PairedMeans found = means_of(on, kept, 2, figures, step.context);
  Comparison result{.rows = found.rows, .models = std::vector<std::vector<ComparedMetric>>(on.models.size())};
  const bool weighted = !on.table->params().weight.empty();
  for (std::size_t m = 1; m < on.models.size() && !weighted; ++m) {
    const auto [first, other] = areas(held, m, step);
    if (m == 1) result.models[0].push_back({.name = "roc_auc", .is_loss = false, .of = first});
    result.models[m].push_back({.name = "roc_auc", .is_loss = false, .of = other});
  }
  for (std::size_t m = 0; m < on.models.size(); ++m) {
    result.models[m].push_back({.name = "log_loss", .of = found.figures[2 * m]});
    result.models[m].push_back({.name = "brier", .of = found.figures[2 * m + 1]});
  }
  return result;
}

}  // namespace

ComparedModels::ComparedModels(const std::vector<std::string>& steps, const std::string& input,
                               const std::string& label, const std::string& weight, const StepContext& step)
    : models(made_collectively(step.context.comm, [&] { return load_models(steps, step.out); })),
      rows(open_customer_rows(step, input)) {
  const LoadedModel& first = models.front();
  TrainingParams params{.input = input,
                        .label = label.empty() ? first.card.label : label,
                        .positive = first.positive,
                        .weight = weight,
                        .classes = first.classes};
  collectively(step.context.comm, [&] {
    for (const LoadedModel& model : models) {
      check_columns(rows, model.features);
      for (const std::string& name : model.features) {
        if (std::ranges::count(params.features, name) == 0) params.features.push_back(name);
      }
    }
    table = std::make_unique<const TrainingTable>(params, rows, first.classifies);
    for (const LoadedModel& model : models) predict.push_back(model.fitted(*table));
  });
}

Comparison compare_models(const ComparedModels& on, const StepContext& step) {
  Readers readers(*on.table, step.context.threads);
  const auto answers = [&](int worker, std::int64_t block) { return answers_to(readers.read(worker, block), on); };
  const LoadedModel& first = on.models.front();
  if (!first.classes.empty()) return compare_classes(on, answers, step.context);
  return first.classifies ? compare_yes_or_no(on, answers, step) : compare_numbers(on, answers, step.context);
}

}  // namespace cohort
