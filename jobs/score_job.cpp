// SPDX-License-Identifier: Apache-2.0
#include "jobs/score_job.hpp"

#include <algorithm>
#include <filesystem>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "io/model_file.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/prediction/linear_job.hpp"
#include "jobs/prediction/linear_output.hpp"
#include "jobs/prediction/loaded_model.hpp"
#include "jobs/prediction/softmax_job.hpp"
#include "jobs/segments/segmentations.hpp"

namespace cohort {
namespace {

Segmentation segmentation_in(const ModelFile& file, const std::string& path) {
  if (file.kind == "kmeans") return segmentation_of(unpack_model<KMeans::Model>(file));
  if (file.kind == "rfm") return segmentation_of(unpack_model<Rfm::Model>(file));
  throw Error(ExitCode::bad_data,
              fmt::format("{} holds a model of kind '{}', which this version cannot apply", path, file.kind),
              "name the model.h5 of a kmeans, rfm, linear, logistic, softmax or glm step");
}

}  // namespace

void ScoreJob::Params::describe(Fields& f) {
  f({.name = "model", .text = "model.h5 of a finished step; a path, also relative to --out", .required = true}, model);
  f({.name = "data", .text = "Rows to score: the id of an earlier step that left a table, 'dataset', or a folder"},
    data);
}

std::vector<std::string> ScoreJob::inputs(const Params& params, const std::filesystem::path& out) {
  return {model_path(params.model, out)};
}

StepResult ScoreJob::run(const Params& params, const StepContext& step) {
  const std::string path = model_path(params.model, step.out);
  ModelFile file;
  Glm::Model linear;
  Softmax::Model of_classes;
  ScoreNotes notes;
  Segmentation segmentation;
  collectively(step.context.comm, [&] {
    file = ModelFile::load(path);
    if (!predicts(file)) {
      segmentation = segmentation_in(file, path);
      return;
    }
    if (file.kind == SoftmaxJob::name) {
      of_classes = unpack_model<Softmax::Model>(file);
    } else {
      linear = unpack_model<Glm::Model>(file);
    }
    notes = {.threshold = card_in(file).threshold, .model_id = model_id(file.kind, path)};
  });
  const CustomerRows rows = open_customer_rows(step, params.data);
  StepResult result;
  result.metrics = {{"customers", total_rows(*rows.manifest, 0)}};
  if (predicts(file)) {
    if (file.kind == SoftmaxJob::name) {
      write_class_scores(step, rows, of_classes, notes.model_id);
    } else {
      write_linear_scores(step, rows, linear, notes);
    }
    return result;
  }
  result.tables = write_segments(step, rows, segmentation, result.metrics);
  return result;
}

StepPlan ScoreJob::plan(const Params& params, Forecast& forecast) {
  const std::string maker = std::filesystem::path(params.model).parent_path().string();
  const auto step = std::ranges::find(forecast.job.steps, maker, &StepEntry::id);
  const PlannedTable* rows = forecast.table(params.data);
  if (step == forecast.job.steps.end() || rows == nullptr) return {};
  const bool segments = step->job == "kmeans" || step->job == "rfm";
  return segments ? plan_segments(forecast, params.data) : plan_scores(*rows, forecast);
}

}  // namespace cohort
