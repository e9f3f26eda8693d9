// SPDX-License-Identifier: Apache-2.0
#include "jobs/segments/rfm_job.hpp"

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
  result.tables.push_back(cuts_table(model));
  collectively(context.comm, [&] {
    if (context.comm.rank() == 0) save_model((step.folder / "model.h5").string(), std::string(name), model);
  });
  return result;
}

}  // namespace cohort
