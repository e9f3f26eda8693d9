// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/loaded_model.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "jobs/prediction/glm_job.hpp"
#include "jobs/prediction/linear_job.hpp"
#include "jobs/prediction/logistic_job.hpp"
#include "jobs/prediction/softmax_job.hpp"

namespace cohort {

std::string model_path(const std::string& model, const std::filesystem::path& out) {
  return std::filesystem::exists(model) ? model : (out / model).string();
}

bool predicts(const ModelFile& file) {
  return file.kind == LinearJob::name || file.kind == LogisticJob::name || file.kind == GlmJob::name ||
         file.kind == SoftmaxJob::name;
}

Fitted fitted_linear(const Glm::Model& model) {
  return [model](const TrainingTable& table) -> Predict {
    const auto scorer = std::make_shared<const Glm::Scorer>(model, table.features(), table.labels());
    return [scorer](const NumericBlock& block) { return scorer->means(block); };
  };
}

Fitted fitted_softmax(const Softmax::Model& model) {
  return [model](const TrainingTable& table) -> Predict {
    const auto scorer = std::make_shared<const Softmax::Scorer>(model, table.features(), table.labels());
    return [scorer](const NumericBlock& block) { return scorer->probabilities(block); };
  };
}

LoadedModel load_prediction_model(const std::string& path) {
  const ModelFile file = ModelFile::load(path);
  if (!predicts(file)) {
    throw Error(ExitCode::bad_data,
                fmt::format("{} holds a model of kind '{}', which predicts nothing", path, file.kind),
                "name the model.h5 of a linear, logistic, softmax or glm step");
  }
  if (file.kind == SoftmaxJob::name) {
    const auto model = unpack_model<Softmax::Model>(file);
    return {.id = model_id(file.kind, path),
            .positive = {},
            .classes = model.classes,
            .features = model.design.columns(),
            .card = card_in(file),
            .fitted = fitted_softmax(model)};
  }
  const auto model = unpack_model<Glm::Model>(file);
  LoadedModel loaded{.id = model_id(file.kind, path),
                     .positive = model.positive,
                     .classifies = model.classifies(),
                     .features = model.design.columns(),
                     .card = card_in(file),
                     .fitted = fitted_linear(model)};
  if (model.law().kind == GlmFamily::Kind::power) loaded.deviance_power = model.power;
  return loaded;
}

void check_columns(const CustomerRows& rows, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (std::ranges::count(rows.schema().columns, name, &Column::name) > 0) continue;
    throw Error(ExitCode::bad_data, fmt::format("the model needs a column {}, which the data lack", name),
                "give data with the columns the model was trained on");
  }
}

namespace {

/// Collective.
LoadedModel shared_model(const std::string& path, const StepContext& step) {
  return made_collectively(step.context.comm, [&] { return load_prediction_model(model_path(path, step.out)); });
}

/// A model of several classes as one that tells one of them from the rest.
LoadedModel one_class_of(LoadedModel model, const std::string& positive) {
  const auto found = positive.empty() ? model.classes.end() - (model.classes.empty() ? 0 : 1)
                                      : std::ranges::find(model.classes, positive);
  if (model.classes.empty() && positive.empty()) return model;
  if (found == model.classes.end()) {
    throw Error(ExitCode::bad_config, fmt::format("the model knows no class '{}'", positive),
                model.classes.empty() ? "leave positive out: the model is not one of several classes"
                                      : fmt::format("its classes are: {}", fmt::join(model.classes, ", ")));
  }
  const std::size_t k = static_cast<std::size_t>(found - model.classes.begin()), classes = model.classes.size();
  model.positive = *found;
  model.classifies = true;
  model.classes.clear();
  model.fitted = [of_all = std::move(model.fitted), k, classes](const TrainingTable& table) -> Predict {
    return [predict = of_all(table), k, classes](const NumericBlock& block) {
      const std::vector<double> all = predict(block);
      std::vector<double> of_class;
      for (std::size_t at = k; at < all.size(); at += classes) of_class.push_back(all[at]);
      return of_class;
    };
  };
  return model;
}

}  // namespace

ModelOnTable::ModelOnTable(LoadedModel loaded, CustomerRows of_table, const std::string& data, const std::string& label,
                           const std::string& weight, const StepContext& step)
    : model(std::move(loaded)), rows(std::move(of_table)) {
  collectively(step.context.comm, [&] {
    check_columns(rows, model.features);
    const TrainingParams params{.input = data,
                                .features = model.features,
                                .label = label.empty() ? model.card.label : label,
                                .positive = model.positive,
                                .weight = weight,
                                .classes = model.classes,
                                .random_state = step.job.run.random_state};
    table = std::make_unique<const TrainingTable>(params, rows, model.classifies);
    predict = model.fitted(*table);
  });
}

ModelOnTable::ModelOnTable(const std::string& path, const std::string& data, const std::string& label,
                           const std::string& weight, const StepContext& step)
    : ModelOnTable(shared_model(path, step), open_customer_rows(step, data), data, label, weight, step) {}

ModelOnTable::ModelOnTable(const std::string& path, const std::string& data, const std::string& label,
                           const StepContext& step, const std::string& positive)
    : ModelOnTable(one_class_of(shared_model(path, step), positive), open_customer_rows(step, data), data, label, "",
                   step) {}

}  // namespace cohort
