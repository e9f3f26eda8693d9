// SPDX-License-Identifier: Apache-2.0
#include "jobs/segments/concentration_job.hpp"

#include <cmath>

#include "core/collectively.hpp"
#include "core/threads.hpp"
#include "io/store/shard_reader.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/segments/segment_output.hpp"
#include "jobs/segments/top_customers.hpp"

namespace cohort {
namespace {

ResultTable curve_table(const Concentration::Model& model, const std::string& value) {
  ResultTable table{.name = "pareto",
                    .title = fmt::format("From the best customer down: share of {}", value),
                    .columns = {"customers_share", "value_share", "customers", "value", "least_value"},
                    .rows = {}};
  for (const Concentration::Point& point : model.curve) {
    table.rows.push_back({static_cast<double>(table.rows.size() + 1) / 100.0, point.value / model.total,
                          point.customers, point.value, point.least});
  }
  table.chart = {{"type", "line"}, {"x", "customers_share"}, {"y", {"value_share"}}};
  return table;
}

Segmentation classes_of(const Concentration::Model& model, const std::string& value) {
  Segmentation classes{.inputs = {value}, .names = {"A", "B", "C"}, .segments = 3};
  classes.label = [model](const NumericBlock& block, std::vector<ColumnValues>*) {
    std::vector<std::int32_t> labels;
    for (const double x : block.columns.front()) labels.push_back(Concentration::class_of(model, x));
    return labels;
  };
  return classes;
}

/// Collective. The best customers by name.
ResultTable best_table(const Context& context, const CustomerRows& rows, const ConcentrationJob::Params& params,
                       double total) {
  TopCustomers top(params.top);
  collectively(context.comm, [&] {
    parallel_for(context.threads, std::ssize(rows.shards), [&](int, std::int64_t i) {
      const std::int32_t shard = rows.shards[static_cast<std::size_t>(i)];
      const ShardNumericTable numbers(*rows.manifest, rows.folder.string(), {shard}, {params.value});
      std::vector<double> values;
      const auto reader = numbers.reader();
      for (std::int64_t block = 0; block < numbers.block_count(); ++block) {
        const auto column = reader->read(block).columns.front();
        values.insert(values.end(), column.begin(), column.end());
      }
      std::vector<std::size_t> known;
      for (std::size_t row = 0; row < values.size(); ++row)
        if (!std::isnan(values[row])) known.push_back(row);
      const Column& id = rows.schema().columns.front();
      const ColumnData ids{id, read_column(*rows.manifest, rows.folder.string(), static_cast<std::size_t>(shard),
                                           customers_table, id.name)};
      top.offer(
          ids, known, [&](std::size_t row) { return values[row]; },
          [&](std::size_t row) {
            return std::vector<Json>{values[row], total > 0 ? Json(values[row] / total) : Json()};
          });
    });
  });
  return {.name = "best",
          .title = "The best customers",
          .columns = {"customer_id", params.value, "share"},
          .rows = top.gather(context.comm)};
}

}  // namespace

void ConcentrationJob::Params::describe(Fields& f) {
  f({.name = "input", .text = "Rows to look at: the id of an earlier step that left a table, or a folder"}, input);
  f({.name = "value", .text = "Column that is spread over customers; missing values do not count"}, value);
  Concentration::Params::describe(f);
  f({.name = "top", .text = "How many of the best customers the report names; 0: none", .range = {0, 1000}}, top);
}

void ConcentrationJob::Params::check(const ConfigNode&) const {
  Concentration::Params::check();
}

StepResult ConcentrationJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  const CustomerRows rows = open_customer_rows(step, params.input);
  Concentration::Model model;
  {
    const Metrics::Phase phase(context.metrics, context.comm, step.id + "/fit");
    model = Concentration::fit(params, rows.numbers(context.comm, {params.value}), context, step.folder.string());
  }
  const Metrics::Phase phase(context.metrics, context.comm, step.id + "/output");
  StepResult result;
  result.metrics = {{"customers", model.customers}, {"total", model.total},   {"gini_index", model.gini},
                    {"negative", model.negative},   {"a_least", model.a_cut}, {"b_least", model.b_cut}};
  result.tables = write_segments(step, rows, classes_of(model, params.value), result.metrics);
  result.tables.front().title = "Classes A, B, C";
  if (!model.curve.empty()) result.tables.insert(result.tables.begin(), curve_table(model, params.value));
  if (params.top > 0) result.tables.push_back(best_table(context, rows, params, model.total));
  return result;
}

}  // namespace cohort
