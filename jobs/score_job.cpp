// SPDX-License-Identifier: Apache-2.0
#include "jobs/score_job.hpp"

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "io/model_file.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/segmentations.hpp"

namespace cohort {
namespace {

Segmentation load_segmentation(const std::string& path) {
  const ModelFile file = ModelFile::load(path);
  if (file.kind == "kmeans") return segmentation_of(unpack_model<KMeans::Model>(file));
  if (file.kind == "rfm") return segmentation_of(unpack_model<Rfm::Model>(file));
  throw Error(ExitCode::bad_data,
              fmt::format("{} holds a model of kind '{}', which this version cannot apply", path, file.kind),
              "name the model.h5 of a kmeans or rfm step");
}

/// The path as written, or below --out.
std::string model_path(const ScoreJob::Params& params, const std::filesystem::path& out) {
  return std::filesystem::exists(params.model) ? params.model : (out / params.model).string();
}

}  // namespace

void ScoreJob::Params::describe(Fields& f) {
  f({.name = "model", .text = "model.h5 of a finished step; a path, also relative to --out", .required = true}, model);
  f({.name = "data", .text = "Rows to score: the id of an earlier step that left a table, 'dataset', or a folder"},
    data);
}

std::vector<std::string> ScoreJob::inputs(const Params& params, const std::filesystem::path& out) {
  return {model_path(params, out)};
}

StepResult ScoreJob::run(const Params& params, const StepContext& step) {
  Segmentation segmentation;
  collectively(step.context.comm, [&] { segmentation = load_segmentation(model_path(params, step.out)); });
  const CustomerRows rows = open_customer_rows(step, params.data);
  StepResult result;
  result.metrics = {{"customers", total_rows(*rows.manifest, 0)}};
  result.tables = write_segments(step, rows, segmentation, result.metrics);
  return result;
}

}  // namespace cohort
