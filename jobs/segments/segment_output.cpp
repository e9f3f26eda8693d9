// SPDX-License-Identifier: Apache-2.0
#include "jobs/segments/segment_output.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "algorithms/features/features_date.hpp"
#include "algorithms/segments/segment_rules.hpp"
#include "algorithms/statistics/scaling.hpp"
#include "core/collectively.hpp"
#include "core/threads.hpp"
#include "io/store/dataset.hpp"
#include "io/store/shard_reader.hpp"
#include "jobs/shard_gather.hpp"

namespace cohort {
namespace {

constexpr double noteworthy_z = 0.25;
constexpr std::size_t words_in_name = 2;

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

/// "high monetary, low recency_days": the columns in which a segment is furthest from the population.
std::string name_from_profile(const SegmentProfiles& profiles, std::size_t segment) {
  std::vector<std::size_t> order(profiles.columns.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto& columns = profiles.segments[segment];
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto strength = [&](std::size_t c) { return std::isfinite(columns[c].z) ? std::abs(columns[c].z) : 0; };
    return strength(a) > strength(b);
  });
  std::string name;
  for (std::size_t i = 0; i < std::min(words_in_name, order.size()); ++i) {
    const double z = columns[order[i]].z;
    if (!(std::abs(z) >= noteworthy_z)) break;
    name += fmt::format("{}{} {}", name.empty() ? "" : ", ", z > 0 ? "high" : "low", profiles.columns[order[i]]);
  }
  return name.empty() ? "average" : name;
}

std::vector<std::string> segment_names(const Segmentation& segmentation, const SegmentProfiles& profiles) {
  if (!segmentation.names.empty()) return segmentation.names;
  std::vector<std::string> names;
  std::map<std::string, int> uses;
  for (std::size_t s = 0; s < profiles.sizes.size(); ++s) {
    std::string name = name_from_profile(profiles, s);
    const int use = ++uses[name];
    names.push_back(use > 1 ? fmt::format("{} ({})", name, use) : name);
  }
  return names;
}

/// Picks the model's columns out of blocks of all numeric ones.
NumericBlock select(const NumericBlock& block, const std::vector<std::size_t>& positions) {
  NumericBlock selected{.first_row = block.first_row, .rows = block.rows};
  for (const std::size_t position : positions) selected.columns.push_back(block.columns[position]);
  return selected;
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

class SegmentWriter {
 public:
  SegmentWriter(const StepContext& step, const CustomerRows& rows, const Segmentation& segmentation,
                std::vector<std::string> names)
      : step_(step), rows_(rows), segmentation_(segmentation), names_(std::move(names)), sorted_names_(names_) {
    std::sort(sorted_names_.begin(), sorted_names_.end());
    as_of_ = rows.manifest->lineage.value("as_of", "");
  }

  /// Collective.
  CustomerRows write() {
    const Context& context = step_.context;
    std::vector<Column> columns{rows_.schema().columns.front()};
    for (const ColumnData& column : empty_columns()) columns.push_back(column.column);
    CustomerTableWriter writer(context, step_.folder / "table", columns);
    const ShardNumericTable numbers = rows_.numbers(context.comm, segmentation_.inputs);
    collectively(context.comm, [&] {
      const std::vector<std::int64_t> first_blocks = first_block_of_shards();
      parallel_for(context.threads, std::ssize(rows_.shards), [&](int, std::int64_t i) {
        const auto at = static_cast<std::size_t>(i);
        writer.write(rows_.shards[at],
                     shard_columns(numbers, rows_.shards[at], first_blocks[at], first_blocks[at + 1]));
      });
    });
    CustomerRows written{.folder = step_.folder / "table"};
    written.manifest = std::make_unique<const Manifest>(
        writer.finish(*rows_.manifest, {{.name = "segment_name", .labels = sorted_names_}}));
    written.shards = shards_of_rank(*written.manifest, context.comm.rank(), context.comm.size());
    return written;
  }

 private:
  [[nodiscard]] std::vector<ColumnData> empty_columns() const {
    std::vector<ColumnData> columns;
    if (!as_of_.empty()) columns.push_back({{.name = "as_of", .type = ColumnType::date}, std::vector<std::int32_t>{}});
    columns.push_back({{.name = "segment", .type = ColumnType::int32}, std::vector<std::int32_t>{}});
    columns.push_back({{.name = "segment_name", .type = ColumnType::category}, std::vector<std::int32_t>{}});
    for (const Column& column : segmentation_.columns) {
      const Storage storage = storage_of(column.type);
      columns.push_back({column, storage == Storage::int32 ? ColumnValues(std::vector<std::int32_t>{})
                                                           : ColumnValues(std::vector<double>{})});
    }
    return columns;
  }

  /// A shard's blocks are consecutive in the table, shard after shard.
  [[nodiscard]] std::vector<std::int64_t> first_block_of_shards() const {
    std::vector<std::int64_t> first{0};
    for (const std::int32_t shard : rows_.shards) {
      const std::int64_t rows = rows_.manifest->shards[static_cast<std::size_t>(shard)].tables.front().rows;
      first.push_back(first.back() + (rows + numeric_block_rows - 1) / numeric_block_rows);
    }
    return first;
  }

  std::vector<ColumnData> shard_columns(const ShardNumericTable& numbers, std::int32_t shard, std::int64_t begin,
                                        std::int64_t end) const {
    std::vector<ColumnData> columns = empty_columns();
    const std::size_t segment_at = as_of_.empty() ? 0 : 1;
    const std::unique_ptr<NumericTable::Reader> reader = numbers.reader();
    for (std::int64_t b = begin; b < end; ++b) {
      const NumericBlock block = reader->read(b);
      std::vector<ColumnValues> others;
      const std::vector<std::int32_t> labels = segmentation_.label(block, &others);
      if (!as_of_.empty())
        append(ints(columns[0]), std::vector<std::int32_t>(labels.size(), date_from_iso(as_of_, "as_of")));
      for (const std::int32_t label : labels) {
        ints(columns[segment_at]).push_back(label < 0 ? missing_int32 : label);
        ints(columns[segment_at + 1]).push_back(label < 0 ? missing_int32 : code_of(label));
      }
      for (std::size_t i = 0; i < others.size(); ++i) {
        std::visit(
            [&]<class Values>(Values& to) {
              if constexpr (!std::is_same_v<Values, TextValues>) append(to, std::get<Values>(others[i]));
            },
            columns[segment_at + 2 + i].values);
      }
    }
    const Column& id = rows_.schema().columns.front();
    columns.insert(columns.begin(), {id, read_column(*rows_.manifest, rows_.folder.string(),
                                                     static_cast<std::size_t>(shard), customers_table, id.name)});
    return columns;
  }

  static std::vector<std::int32_t>& ints(ColumnData& column) {
    return std::get<std::vector<std::int32_t>>(column.values);
  }
  [[nodiscard]] std::int32_t code_of(std::int32_t label) const {
    const std::string& name = names_[static_cast<std::size_t>(label)];
    return static_cast<std::int32_t>(std::lower_bound(sorted_names_.begin(), sorted_names_.end(), name) -
                                     sorted_names_.begin());
  }

  const StepContext& step_;
  const CustomerRows& rows_;
  const Segmentation& segmentation_;
  std::vector<std::string> names_, sorted_names_;
  std::string as_of_;
};

/// One row a segment: size, share, means, and revenue where there is money.
ResultTable segments_table(const SegmentProfiles& profiles, const std::vector<std::string>& names) {
  ResultTable table{.name = "segments",
                    .title = "Segments",
                    .columns = {"segment", "segment_name", "customers", "share"},
                    .rows = {}};
  for (const std::string& column : profiles.columns) table.columns.push_back("mean_" + column);
  for (std::size_t s = 0; s < profiles.sizes.size(); ++s) {
    std::vector<Json> row{s, names[s], profiles.sizes[s], number(profiles.shares[s])};
    for (const ColumnProfile& column : profiles.segments[s]) row.push_back(number(column.mean));
    table.rows.push_back(std::move(row));
  }
  table.chart = {{"type", "bar"}, {"x", "segment_name"}, {"y", {"customers"}}};
  return table;
}

ResultTable revenue_table(const SegmentProfiles& profiles, const std::vector<std::string>& names, std::size_t money) {
  ResultTable table{.name = "revenue",
                    .title = "Revenue by segment",
                    .columns = {"segment", "segment_name", "revenue", "revenue_share", "customer_share"},
                    .rows = {}};
  double total = 0;
  for (const auto& segment : profiles.segments) total += segment[money].total;
  for (std::size_t s = 0; s < profiles.sizes.size(); ++s) {
    const double revenue = profiles.segments[s][money].total;
    table.rows.push_back(
        {s, names[s], number(revenue), number(total > 0 ? revenue / total : 0), number(profiles.shares[s])});
  }
  table.chart = {{"type", "bar"}, {"x", "segment_name"}, {"y", {"revenue_share", "customer_share"}}};
  return table;
}

/// One row a segment and column: how far the segment is from the population.
ResultTable profile_table(const SegmentProfiles& profiles, const std::vector<std::string>& names) {
  ResultTable table{.name = "profile",
                    .title = "Each segment against all customers (z: distance in standard deviations)",
                    .columns = {"segment_name", "feature", "mean", "sd", "population_mean", "z", "index"},
                    .rows = {}};
  for (std::size_t s = 0; s < profiles.sizes.size(); ++s) {
    for (std::size_t c = 0; c < profiles.columns.size(); ++c) {
      const ColumnProfile& column = profiles.segments[s][c];
      table.rows.push_back({names[s], profiles.columns[c], number(column.mean), number(column.sd),
                            number(profiles.population[c].mean), number(column.z), number(column.index)});
    }
  }
  for (const char* type : {"heatmap", "parallel"})
    table.chart.push_back({{"type", type}, {"x", "feature"}, {"y", {"segment_name"}}, {"value", "z"}});
  return table;
}

/// One row a segment: the sentence that tells it from the others.
ResultTable rules_table(const std::vector<SegmentRule>& rules, const std::vector<std::string>& columns,
                        const std::vector<std::string>& names) {
  ResultTable table{.name = "rules",
                    .title = "Each segment in a sentence",
                    .columns = {"segment_name", "rule", "precision", "recall", "matched", "customers"},
                    .rows = {}};
  for (std::size_t s = 0; s < rules.size(); ++s) {
    const SegmentRule& rule = rules[s];
    if (rule.conditions.empty()) continue;  // an empty segment, or one that nothing tells from the rest
    table.rows.push_back(
        {names[s], rule.text(columns), number(rule.precision()), number(rule.recall()), rule.matched, rule.size});
  }
  return table;
}

}  // namespace

std::vector<ResultTable> write_segments(const StepContext& step, const CustomerRows& rows,
                                        const Segmentation& segmentation, Json& metrics) {
  const std::vector<std::string> columns = rows.numeric_columns();
  const std::vector<std::size_t> positions = positions_of(segmentation.inputs, columns);
  const ShardNumericTable numbers = rows.numbers(step.context.comm, columns);
  const Labeller labels = [&](const NumericBlock& block) {
    return segmentation.label(select(block, positions), nullptr);
  };
  const SegmentProfiles profiles = profile_segments(numbers, segmentation.segments, labels, step.context);
  const std::vector<std::string> names = segment_names(segmentation, profiles);
  const CustomerRows written = SegmentWriter(step, rows, segmentation, names).write();
  write_customers_csv(step.context, written, step.folder / "segments.csv");

  metrics["unassigned"] = profiles.unassigned;
  std::vector<ResultTable> tables{segments_table(profiles, names)};
  const auto money = std::find(columns.begin(), columns.end(), "monetary");
  if (money != columns.end())
    tables.push_back(revenue_table(profiles, names, static_cast<std::size_t>(money - columns.begin())));
  tables.push_back(
      rules_table(describe_segments(numbers, segmentation.segments, labels, step.context), columns, names));
  tables.push_back(profile_table(profiles, names));
  return tables;
}

StepPlan plan_segments(Forecast& forecast, const std::string& input) {
  const PlannedTable* rows = forecast.table(input);
  if (rows == nullptr) return {};
  const PlannedTable table{.rows = rows->rows,
                           .columns = {rows->columns.front(), {.name = "segment", .type = ColumnType::int32}},
                           .shards = rows->shards};
  constexpr double cuts = 31;  // of each column, among which describe_segments looks
  const QuantileCost quantiles = quantile_cost(forecast, rows->rows, rows->numbers(), cuts);
  forecast.tables[forecast.id] = table;
  return {.rows = table.rows,
          .memory_bytes = Forecast::program_bytes +
                          forecast.threads * (Forecast::thread_bytes + table.rows_per_shard() * 200) +
                          quantiles.memory_bytes,
          .payload_bytes = quantiles.payload_bytes,
          .disk_bytes = Forecast::step_bytes + table.rows * 80,
          .time_s = 0.05 + (quantiles.cpu_s + table.rows * 3e-6) / forecast.workers(),
          .rows_metric = "customers",
          .smaller = "use more ranks with fewer threads each"};
}

}  // namespace cohort
