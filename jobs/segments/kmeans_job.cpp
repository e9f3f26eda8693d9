// SPDX-License-Identifier: Apache-2.0
#include "jobs/segments/kmeans_job.hpp"

#include <algorithm>

#include "core/collectively.hpp"
#include "io/model_file.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/segments/segmentations.hpp"

namespace cohort {
namespace {

/// The centres in the units of the input columns.
ResultTable centers_table(const KMeans::Model& model) {
  ResultTable table{.name = "centers", .title = "Centres", .columns = {"segment", "customers"}, .rows = {}};
  for (const Scaling::Column& column : model.scaling.columns) table.columns.push_back(column.name);
  for (std::int64_t s = 0; s < std::ssize(model.sizes); ++s) {
    std::vector<Json> row{s, model.sizes[static_cast<std::size_t>(s)]};
    for (const double value : model.original_centers.row(s)) row.emplace_back(value);
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

void KMeansJob::Params::describe(Fields& f) {
  f({.name = "input",
     .text = "Rows to segment: the id of an earlier step that left a table, 'dataset' for the customers table, or a "
             "folder"},
    input);
  KMeans::Params::describe(f);
}

StepResult KMeansJob::run(const Params& given, const StepContext& step) {
  const Context& context = step.context;
  Params params = given;
  if (params.random_state == 0) params.random_state = step.job.run.random_state;
  const CustomerRows rows = open_customer_rows(step, params.input);
  KMeans::Model model;
  {
    const Metrics::Phase phase(context.metrics, context.comm, step.id + "/fit");
    model = KMeans::fit(params, rows.numbers(context.comm, params.features), context);
  }
  const Metrics::Phase phase(context.metrics, context.comm, step.id + "/output");
  StepResult result;
  result.metrics = {{"customers", total_rows(*rows.manifest, 0)},
                    {"n_clusters", model.sizes.size()},
                    {"inertia", model.inertia},
                    {"n_iter", model.n_iter},
                    {"converged", model.converged != 0}};
  result.verdict = model.converged != 0 ? "ok" : "not_converged";
  result.tables = write_segments(step, rows, segmentation_of(model), result.metrics);
  result.tables.push_back(centers_table(model));
  collectively(context.comm, [&] {
    if (context.comm.rank() == 0) save_model((step.folder / "model.h5").string(), std::string(name), model);
  });
  return result;
}

StepPlan KMeansJob::plan(const Params& params, Forecast& forecast) {
  StepPlan plan = plan_segments(forecast, params.input);
  const PlannedTable* rows = forecast.table(params.input);
  if (rows == nullptr) return plan;
  const double columns = params.features.empty() ? rows->numbers() : static_cast<double>(params.features.size());
  const double resident = rows->rows / forecast.ranks * (columns * 8 + 16);  // else packed afresh in each pass
  const double fixed = Forecast::program_bytes + forecast.threads * Forecast::thread_bytes;
  if (fixed + resident < forecast.memory_per_rank * 0.9)
    plan.memory_bytes = std::max(*plan.memory_bytes, fixed + resident);
  plan.time_s.reset();  // nobody knows the number of iterations
  return plan;
}

}  // namespace cohort
