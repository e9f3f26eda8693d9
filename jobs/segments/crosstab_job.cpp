// SPDX-License-Identifier: Apache-2.0
#include "jobs/segments/crosstab_job.hpp"

#include <cmath>
#include <numeric>

#include "core/aggregate.hpp"
#include "core/error.hpp"
#include "io/store/dictionaries.hpp"
#include "io/store/shard_reader.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/table_csv.hpp"

namespace cohort {
namespace {

/// Customers by segment and value of one column; the last of each counts the missing.
struct Counts {
  std::size_t segments = 0, values = 0;
  std::vector<std::int64_t> cells;  ///< [segment + 1][value + 1]

  Counts(std::size_t segment_count, std::size_t value_count)
      : segments(segment_count), values(value_count), cells((segment_count + 1) * (value_count + 1)) {}
  void parts(Parts& p) { p.sum(cells); }
  std::int64_t& at(std::size_t segment, std::size_t value) { return cells[segment * (values + 1) + value]; }
  [[nodiscard]] std::int64_t at(std::size_t segment, std::size_t value) const {
    return cells[segment * (values + 1) + value];
  }
  [[nodiscard]] std::int64_t of_segment(std::size_t segment) const {
    const auto row = cells.begin() + static_cast<std::ptrdiff_t>(segment * (values + 1));
    return std::accumulate(row, row + static_cast<std::ptrdiff_t>(values), std::int64_t{0});
  }
  [[nodiscard]] std::int64_t of_value(std::size_t value) const {
    std::int64_t sum = 0;
    for (std::size_t segment = 0; segment < segments; ++segment) sum += at(segment, value);
    return sum;
  }
};

/// A category column of a table, and its labels.
struct Category {
  const CustomerRows& rows;
  std::string name;
  std::vector<std::string> labels;

  [[nodiscard]] std::vector<std::int32_t> codes(std::int32_t shard) const {
    return std::get<std::vector<std::int32_t>>(
        read_column(*rows.manifest, rows.folder.string(), static_cast<std::size_t>(shard), customers_table, name));
  }
};

Category category_of(const CustomerRows& rows, const std::string& name) {
  const Column& column = rows.schema().columns[column_index(rows.schema(), name)];
  if (column.type != ColumnType::category)
    throw Error(ExitCode::bad_config, fmt::format("column {} is of type {}", name, type_name(column)),
                "cross columns of categories; declare it one in ingest");
  return {rows, name, read_dictionary(*rows.manifest, rows.folder.string(), name).labels};
}

/// Both tables list the same customers in the same order, or a row of one would meet another customer's.
void check_same_customers(const Category& a, const Category& b, std::int32_t shard) {
  const auto ids = [&](const CustomerRows& rows) {
    return read_column(*rows.manifest, rows.folder.string(), static_cast<std::size_t>(shard), customers_table,
                       rows.schema().columns.front().name);
  };
  if (&a.rows == &b.rows || ids(a.rows) == ids(b.rows)) return;
  throw Error(ExitCode::bad_config,
              fmt::format("{} and {} hold different customers", a.rows.folder.string(), b.rows.folder.string()),
              "cross a step with the dataset it was made from");
}

/// Collective.
Counts count(const Context& context, const Category& segments, const Category& values) {
  const std::vector<std::int32_t>& shards = segments.rows.shards;
  return aggregate(context, std::ssize(shards), Counts(segments.labels.size(), values.labels.size()),
                   [&](int, Counts& state, std::int64_t i) {
                     const std::int32_t shard = shards[static_cast<std::size_t>(i)];
                     check_same_customers(segments, values, shard);
                     const std::vector<std::int32_t> rows = segments.codes(shard), columns = values.codes(shard);
                     const auto place = [](std::int32_t code, std::size_t missing) {
                       return code == missing_int32 ? missing : static_cast<std::size_t>(code);
                     };
                     for (std::size_t row = 0; row < rows.size(); ++row)
                       ++state.at(place(rows[row], state.segments), place(columns[row], state.values));
                   });
}

double share(std::int64_t part, std::int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

void add_rows(const Counts& counts, const Category& segments, const Category& values, ResultTable& table) {
  std::int64_t all = 0;
  for (std::size_t segment = 0; segment < counts.segments; ++segment) all += counts.of_segment(segment);
  for (std::size_t segment = 0; segment < counts.segments; ++segment) {
    const std::int64_t size = counts.of_segment(segment);
    for (std::size_t value = 0; value < counts.values && size > 0; ++value) {
      const std::int64_t of_value = counts.of_value(value), here = counts.at(segment, value);
      if (of_value == 0) continue;
      table.rows.push_back({segments.labels[segment], values.name, values.labels[value], here, share(here, size),
                            share(of_value, all), share(here, size) / share(of_value, all)});
    }
  }
}

/// Pearson's chi-squared and Cramer's V: 0 for no tie, 1 where the segment says the value.
std::vector<Json> strength(const Counts& counts, const std::string& name) {
  std::int64_t all = 0;
  std::int64_t rows = 0, columns = 0;
  for (std::size_t segment = 0; segment < counts.segments; ++segment) {
    all += counts.of_segment(segment);
    rows += counts.of_segment(segment) > 0 ? 1 : 0;
  }
  double chi2 = 0;
  for (std::size_t value = 0; value < counts.values; ++value) {
    const std::int64_t of_value = counts.of_value(value);
    columns += of_value > 0 ? 1 : 0;
    for (std::size_t segment = 0; segment < counts.segments && of_value > 0; ++segment) {
      const double expected = share(of_value, all) * static_cast<double>(counts.of_segment(segment));
      const double difference = static_cast<double>(counts.at(segment, value)) - expected;
      if (expected > 0) chi2 += difference * difference / expected;
    }
  }
  const std::int64_t freedom = std::min(rows, columns) - 1;
  const Json v =
      freedom > 0 ? Json(std::sqrt(chi2 / (static_cast<double>(all) * static_cast<double>(freedom)))) : Json();
  const std::int64_t missing = std::accumulate(counts.cells.begin(), counts.cells.end(), std::int64_t{0}) - all;
  return {name, all, missing, chi2, (rows - 1) * (columns - 1), v};
}

}  // namespace

void CrosstabJob::Params::describe(Fields& f) {
  f({.name = "input", .text = "Step whose table has the segments, or 'dataset'"}, input);
  f({.name = "segment", .text = "Its category column that is crossed: segment_name, lifecycle_state, ..."}, segment);
  f({.name = "columns_of", .text = "Step whose table has the columns of `by`, or 'dataset' for the customers table"},
    columns_of);
  f({.name = "by",
     .text = "Category columns to cross with. lift is the share of a value within the segment over its share among all "
             "customers with a segment and a value; the missing of either are left out, and counted",
     .required = true},
    by);
  f({.name = "max_values", .text = "Most values a column may have", .range = {1, 10'000}}, max_values);
}

StepResult CrosstabJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  const Metrics::Phase phase(context.metrics, context.comm, step.id + "/count");
  const CustomerRows input = open_customer_rows(step, params.input);
  const bool one_table = params.input == params.columns_of;
  const CustomerRows other = open_customer_rows(step, params.columns_of);
  const Category segments = made_collectively(context.comm, [&] { return category_of(input, params.segment); });
  ResultTable table{.name = "crosstab",
                    .title = "Segments by what customers are",
                    .columns = {"segment_name", "column", "value", "customers", "share", "share_of_all", "lift"},
                    .rows = {}};
  ResultTable ties{.name = "ties",
                   .title = "How strong the tie is",
                   .columns = {"column", "customers", "missing", "chi2", "degrees_of_freedom", "cramers_v"},
                   .rows = {}};
  for (const std::string& name : params.by) {
    const Category values = made_collectively(context.comm, [&] {
      Category category = category_of(one_table ? input : other, name);
      if (std::ssize(category.labels) > params.max_values)
        throw Error(ExitCode::bad_config,
                    fmt::format("column {} has {} values, more than max_values {}", name, category.labels.size(),
                                params.max_values),
                    "raise max_values, or cross a coarser column");
      return category;
    });
    const Counts counts = count(context, segments, values);
    add_rows(counts, segments, values, table);
    ties.rows.push_back(strength(counts, name));
  }
  ties.chart = {{"type", "bar"}, {"x", "column"}, {"y", {"cramers_v"}}};
  write_table_csv(context, table, step.folder / "crosstab.csv");
  StepResult result{.metrics = {{"customers", total_rows(*input.manifest, 0)}}};
  if (params.by.size() == 1)
    table.chart = {{"type", "heatmap"}, {"x", "value"}, {"y", {"segment_name"}}, {"value", "lift"}};
  result.tables = {std::move(ties), std::move(table)};
  return result;
}

}  // namespace cohort
