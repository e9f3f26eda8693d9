// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/compare_job.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/evaluation/paired_auc.hpp"
#include "algorithms/statistics/table_pass.hpp"
#include "core/collectively.hpp"
#include "core/threads.hpp"
#include "io/model_file.hpp"
#include "jobs/prediction/logistic_job.hpp"
#include "jobs/prediction/training_table.hpp"

namespace cohort {
namespace {

std::vector<Glm::Model> load_models(const CompareJob::Params& params, const StepContext& step) {
  std::vector<Glm::Model> models;
  for (const std::string& id : params.models) {
    const ModelFile file = ModelFile::load((step.out / id / "model.h5").string());
    if (file.kind != LogisticJob::name) {
      throw Error(ExitCode::bad_config, fmt::format("compare: step '{}' left a model of kind '{}'", id, file.kind),
                  "name logistic steps");
    }
    models.push_back(unpack_model<Glm::Model>(file));
    if (models.back().positive == models.front().positive) continue;
    throw Error(ExitCode::bad_config,
                fmt::format("compare: '{}' predicts '{}', and '{}' predicts '{}'", params.models.front(),
                            models.front().positive, id, models.back().positive),
                "compare models of one label");
  }
  return models;
}

/// The rows to judge by, with every feature that a model asks for.
TrainingParams judged_rows(const CompareJob::Params& params, const std::vector<Glm::Model>& models) {
  TrainingParams training{.input = params.input, .label = params.label, .positive = models.front().positive};
  for (const Glm::Model& model : models) {
    for (const std::string& name : model.design.columns()) {
      if (std::ranges::count(training.features, name) == 0) training.features.push_back(name);
    }
  }
  return training;
}

/// Collective. Both models' probabilities for the rows with a label.
PairedScores score_both(const TrainingTable& table, const Glm::Model& first, const Glm::Model& second,
                        const Context& context) {
  const auto blocks = static_cast<std::size_t>(table.block_count());
  PairedScores result{.scores = {std::vector<std::vector<double>>(blocks), std::vector<std::vector<double>>(blocks)},
                      .positives = std::vector<std::vector<std::int64_t>>(blocks)};
  collectively(context.comm, [&] {
    const std::array<Glm::Scorer, 2> scorers{Glm::Scorer(first, table.features(), table.labels()),
                                             Glm::Scorer(second, table.features(), table.labels())};
    Readers readers(table, context.threads);
    parallel_for(context.threads, table.block_count(), [&](int worker, std::int64_t index) {
      const NumericBlock block = readers.read(worker, index);
      const auto b = static_cast<std::size_t>(index);
      const std::span<const double> label = block.columns[table.labels().size()];
      for (const std::size_t k : {0U, 1U}) {
        const std::vector<double> means = scorers[k].means(block);
        for (std::size_t i = 0; i < means.size(); ++i) {
          if (label[i] == label[i]) result.scores[k][b].push_back(means[i]);
        }
      }
      for (const double y : label) {
        if (y == y) result.positives[b].push_back(y > 0 ? 1 : 0);
      }
    });
  });
  return result;
}

}  // namespace

void CompareJob::Params::describe(Fields& f) {
  f({.name = "input", .text = "Rows to judge by: the id of an earlier step that left a table, 'dataset', or a folder"},
    input);
  f({.name = "label", .text = "Column that was predicted", .required = true}, label);
  f({.name = "models", .text = "Ids of two or more logistic steps; each is compared with the first", .required = true},
    models);
}

void CompareJob::Params::check(const ConfigNode& node) const {
  if (models.size() < 2) throw node.error("models names fewer than two steps", "name those to compare");
}

StepResult CompareJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  const std::vector<Glm::Model> models = made_collectively(context.comm, [&] { return load_models(params, step); });
  const CustomerRows rows = open_customer_rows(step, params.input);
  const TrainingTable table =
      made_collectively(context.comm, [&] { return TrainingTable(judged_rows(params, models), rows, true); });
  StepResult result;
  result.metrics = {{"first", params.models.front()}};
  ResultTable lines{.name = "comparison",
                    .title = "Each model against the first, by the same customers",
                    .columns = {"model", "roc_auc", "difference", "standard_error", "p_value"},
                    .rows = {}};
  for (std::size_t m = 1; m < models.size(); ++m) {
    const PairedAuc paired =
        paired_auc(score_both(table, models[0], models[m], context), step.folder.string(), context);
    if (m == 1) lines.rows.push_back({params.models[0], number_or_null(paired.roc_auc[0]), nullptr, nullptr, nullptr});
    lines.rows.push_back({params.models[m], number_or_null(paired.roc_auc[1]), number_or_null(paired.difference),
                          number_or_null(paired.standard_error), number_or_null(paired.p_value)});
    result.metrics[params.models[m] + "_difference"] = number_or_null(paired.difference);
    result.metrics[params.models[m] + "_p_value"] = number_or_null(paired.p_value);
  }
  result.tables.push_back(std::move(lines));
  return result;
}

}  // namespace cohort
