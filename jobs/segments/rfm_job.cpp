// SPDX-License-Identifier: Apache-2.0
#include "jobs/segments/rfm_job.hpp"

#include <cstdlib>

#include "algorithms/statistics/profile.hpp"
#include "core/collectively.hpp"
#include "io/model_file.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/segments/segmentations.hpp"

namespace cohort {
namespace {

ResultTable cuts_table(const Rfm::Model& model) {
  ResultTable table{.name = "cuts", .title = "Cuts between the scores", .columns = {"column"}, .rows = {}};
  for (std::int64_t cut = 1; cut < model.n_bins; ++cut) table.columns.push_back(fmt::format("cut_{}", cut));
  for (std::size_t c = 0; c < model.cuts.size(); ++c) {
    std::vector<Json> row{Rfm::columns()[c]};
    for (const double cut : model.cuts[c]) row.emplace_back(cut);
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// Collective. Customers and money in each cell of recency by frequency.
ResultTable grid_table(const Rfm::Model& model, const CustomerRows& rows, const Context& context) {
  const ShardNumericTable numbers = rows.numbers(context.comm, Rfm::columns());
  const SegmentProfiles cells =
      profile_segments(numbers, model.n_bins * model.n_bins, Rfm::recency_by_frequency(model), context);
  ResultTable table{.name = "rfm_grid",
                    .title = "Customers by recency and frequency (the best are at the top right)",
                    .columns = {"recency_score", "frequency_score", "customers", "revenue", "revenue_per_customer"},
                    .rows = {}};
  for (std::size_t cell = 0; cell < cells.sizes.size(); ++cell) {
    const auto [recency, frequency] = std::ldiv(static_cast<std::int64_t>(cell), model.n_bins);
    const std::int64_t customers = cells.sizes[cell];
    const double revenue = cells.segments[cell].back().total;
    table.rows.push_back({recency + 1, frequency + 1, customers, revenue,
                          customers > 0 ? Json(revenue / static_cast<double>(customers)) : Json()});
  }
  for (const char* value : {"customers", "revenue"})
    table.chart.push_back({{"type", "heatmap"}, {"x", "frequency_score"}, {"y", {"recency_score"}}, {"value", value}});
  return table;
}

}  // namespace

void RfmJob::Params::describe(Fields& f) {
  f({.name = "input", .text = "Rows to score: the id of an earlier step that left a table, or a folder"}, input);
  Rfm::Params::describe(f);
}

StepResult RfmJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  const CustomerRows rows = open_customer_rows(step, params.input);
  Rfm::Model model;
  {
    const Metrics::Phase phase(context.metrics, context.comm, step.id + "/fit");
    model = Rfm::fit(params, rows.numbers(context.comm, Rfm::columns()), context);
  }
  const Metrics::Phase phase(context.metrics, context.comm, step.id + "/output");
  StepResult result;
  result.metrics = {{"customers", total_rows(*rows.manifest, 0)}};
  result.tables = write_segments(step, rows, segmentation_of(model), result.metrics);
  result.tables.insert(result.tables.begin(), grid_table(model, rows, context));
  result.tables.push_back(cuts_table(model));
  collectively(context.comm, [&] {
    if (context.comm.rank() == 0) save_model((step.folder / "model.h5").string(), std::string(name), model);
  });
  return result;
}

StepPlan RfmJob::plan(const Params& params, Forecast& forecast) {
  return plan_segments(forecast, params.input);
}

}  // namespace cohort
