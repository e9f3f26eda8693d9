// SPDX-License-Identifier: Apache-2.0
#include "core/collectively.hpp"
#include "core/threads.hpp"
#include "io/store/dataset.hpp"
#include "io/store/shard_reader.hpp"
#include "jobs/prediction/cross_validation.hpp"
#include "jobs/shard_gather.hpp"

namespace cohort {
namespace {

/// The columns of a shard, whose blocks begin at `block`; leaves `block` behind them.
std::vector<ColumnData> shard_columns(const OutOfFold& from, ColumnValues ids, const Column& id, std::size_t& block) {
  std::vector<std::int32_t> folds;
  std::vector<double> labels, predictions;
  for (const std::int64_t rows = rows_of(ids); std::ssize(folds) < rows; ++block) {
    for (const std::int32_t fold : from.folds[block]) folds.push_back(fold < 0 ? missing_int32 : fold + 1);
    labels.insert(labels.end(), from.labels[block].begin(), from.labels[block].end());
    predictions.insert(predictions.end(), from.predictions[block].begin(), from.predictions[block].end());
  }
  // One NaN stands for a missing value, whatever made it.
  for (std::vector<double>* values : {&labels, &predictions}) {
    for (double& value : *values) value = value == value ? value : missing_float64;
  }
  return {{id, std::move(ids)},
          {{.name = "fold", .type = ColumnType::int32}, std::move(folds)},
          {{.name = "label", .type = ColumnType::float64}, std::move(labels)},
          {{.name = "prediction", .type = ColumnType::float64}, std::move(predictions)}};
}

}  // namespace

void write_out_of_fold(const OutOfFold& out_of_fold, const CustomerRows& rows, const StepContext& step) {
  const Context& context = step.context;
  const Column& id = rows.schema().columns.front();
  std::vector<Column> columns;
  std::size_t none = 0;
  for (const ColumnData& column : shard_columns({}, std::vector<std::int32_t>{}, id, none)) {
    columns.push_back(column.column);
  }
  CustomerRows written{.folder = step.folder / "out_of_fold"};
  CustomerTableWriter writer(context, written.folder, columns);
  collectively(context.comm, [&] {
    std::size_t block = 0;
    for (const std::int32_t shard : rows.shards) {
      ColumnValues ids =
          read_column(*rows.manifest, rows.folder.string(), static_cast<std::size_t>(shard), customers_table, id.name);
      writer.write(shard, shard_columns(out_of_fold, std::move(ids), id, block));
    }
  });
  written.manifest = std::make_unique<const Manifest>(writer.finish(*rows.manifest));
  written.shards = shards_of_rank(*written.manifest, context.comm.rank(), context.comm.size());
  write_customers_csv(context, written, step.folder / "out_of_fold.csv");
}

}  // namespace cohort
