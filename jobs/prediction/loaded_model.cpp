// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/loaded_model.hpp"

#include <algorithm>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "jobs/prediction/glm_job.hpp"
#include "jobs/prediction/linear_job.hpp"
#include "jobs/prediction/logistic_job.hpp"

namespace cohort {

std::string model_path(const std::string& model, const std::filesystem::path& out) {
  return std::filesystem::exists(model) ? model : (out / model).string();
}

bool predicts(const ModelFile& file) {
  return file.kind == LinearJob::name || file.kind == LogisticJob::name || file.kind == GlmJob::name;
}

Fitted fitted_linear(const Glm::Model& model) {
  return [model](const TrainingTable& table) -> Predict {
    const auto scorer = std::make_shared<const Glm::Scorer>(model, table.features(), table.labels());
    return [scorer](const NumericBlock& block) { return scorer->means(block); };
  };
}

LoadedModel load_prediction_model(const std::string& path) {
  const ModelFile file = ModelFile::load(path);
  if (!predicts(file)) {
    throw Error(ExitCode::bad_data,
                fmt::format("{} holds a model of kind '{}', which predicts nothing", path, file.kind),
                "name the model.h5 of a linear, logistic or glm step");
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

ModelOnTable::ModelOnTable(const std::string& path, const std::string& data, const std::string& label,
                           const std::string& weight, const StepContext& step)
    : model(made_collectively(step.context.comm, [&] { return load_prediction_model(model_path(path, step.out)); })),
      rows(open_customer_rows(step, data)) {
  collectively(step.context.comm, [&] {
    check_columns(rows, model.features);
    const TrainingParams params{.input = data,
                                .features = model.features,
                                .label = label.empty() ? model.card.label : label,
                                .positive = model.positive,
                                .weight = weight,
                                .random_state = step.job.run.random_state};
    table = std::make_unique<const TrainingTable>(params, rows, model.classifies);
    predict = model.fitted(*table);
  });
}

}  // namespace cohort
