// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "algorithms/linear/softmax.hpp"
#include "core/collectively.hpp"
#include "core/threads.hpp"
#include "io/store/dataset.hpp"
#include "io/store/shard_reader.hpp"
#include "jobs/prediction/class_columns.hpp"
#include "jobs/prediction/cross_validation.hpp"
#include "jobs/shard_gather.hpp"

namespace cohort {
namespace {

/// One NaN stands for a missing value, whatever made it.
double value_or_missing(double value) {
  return value == value ? value : missing_float64;
}

ColumnData numbers(std::string name, std::vector<double> values) {
  std::ranges::transform(values, values.begin(), value_or_missing);
  return {{.name = std::move(name), .type = ColumnType::float64}, std::move(values)};
}

/// The label, the most probable class, and the probability of each.
std::vector<ColumnData> class_columns(const std::vector<std::string>& classes, const std::vector<double>& labels,
                                      std::span<const double> probabilities) {
  const LabelCodes of(classes);
  std::vector<std::int32_t> label, prediction;
  std::vector<std::vector<double>> of_class(classes.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto of_row = probabilities.subspan(i * classes.size(), classes.size());
    const bool judged = of_row[0] == of_row[0];
    label.push_back(labels[i] == labels[i] ? of.codes[static_cast<std::size_t>(labels[i])] : missing_int32);
    prediction.push_back(judged ? of.codes[Softmax::Scorer::most_probable(of_row)] : missing_int32);
    for (std::size_t k = 0; k < classes.size(); ++k) of_class[k].push_back(of_row[k]);
  }
  std::vector<ColumnData> columns{{{.name = "label", .type = ColumnType::category}, std::move(label)},
                                  {{.name = "prediction", .type = ColumnType::category}, std::move(prediction)}};
  const std::vector<Column> named = probability_columns(classes);
  for (std::size_t k = 0; k < classes.size(); ++k) columns.push_back(numbers(named[k].name, std::move(of_class[k])));
  return columns;
}

/// The columns of a shard, whose blocks begin at `block`; leaves `block` behind them.
std::vector<ColumnData> shard_columns(const OutOfFold& from, const std::vector<std::string>& classes, ColumnValues ids,
                                      const Column& id, std::size_t& block) {
  std::vector<std::int32_t> folds;
  std::vector<double> labels, predictions;
  for (const std::int64_t rows = rows_of(ids); std::ssize(folds) < rows; ++block) {
    for (const std::int32_t fold : from.folds[block]) folds.push_back(fold < 0 ? missing_int32 : fold + 1);
    labels.insert(labels.end(), from.labels[block].begin(), from.labels[block].end());
    predictions.insert(predictions.end(), from.predictions[block].begin(), from.predictions[block].end());
  }
  std::vector<ColumnData> columns{{id, std::move(ids)},
                                  {{.name = "fold", .type = ColumnType::int32}, std::move(folds)}};
  if (classes.empty()) {
    columns.push_back(numbers("label", std::move(labels)));
    columns.push_back(numbers("prediction", std::move(predictions)));
  } else {
    std::ranges::move(class_columns(classes, labels, predictions), std::back_inserter(columns));
  }
  return columns;
}

std::vector<Dictionary> dictionaries_of(const std::vector<std::string>& classes) {
  if (classes.empty()) return {};
  const LabelCodes of(classes);
  return {{.name = "label", .labels = of.sorted}, {.name = "prediction", .labels = of.sorted}};
}

}  // namespace

void write_out_of_fold(const OutOfFold& out_of_fold, const std::vector<std::string>& classes, const CustomerRows& rows,
                       const StepContext& step) {
  const Context& context = step.context;
  const Column& id = rows.schema().columns.front();
  std::vector<Column> columns;
  std::size_t none = 0;
  for (const ColumnData& column : shard_columns(out_of_fold, classes, std::vector<std::int32_t>{}, id, none)) {
    columns.push_back(column.column);
  }
  CustomerRows written{.folder = step.folder / "out_of_fold"};
  CustomerTableWriter writer(context, written.folder, columns);
  collectively(context.comm, [&] {
    std::size_t block = 0;
    for (const std::int32_t shard : rows.shards) {
      ColumnValues ids =
          read_column(*rows.manifest, rows.folder.string(), static_cast<std::size_t>(shard), customers_table, id.name);
      writer.write(shard, shard_columns(out_of_fold, classes, std::move(ids), id, block));
    }
  });
  written.manifest = std::make_unique<const Manifest>(writer.finish(*rows.manifest, dictionaries_of(classes)));
  written.shards = shards_of_rank(*written.manifest, context.comm.rank(), context.comm.size());
  write_customers_csv(context, written, step.folder / "out_of_fold.csv");
}

}  // namespace cohort
