// SPDX-License-Identifier: Apache-2.0
#include <fnmatch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <unordered_map>

#include "io/durable_file.hpp"
#include "io/store/manifest.hpp"
#include "io/text/csv_source.hpp"
#include "jobs/ingest/ingest_job.hpp"
#include "jobs/ingest/row_format.hpp"
#include "jobs/ingest/source_files.hpp"
#include "jobs/ingest/table_plan.hpp"
#include "jobs/init/text_sample.hpp"

namespace cohort {
namespace {

constexpr std::int64_t sample_bytes = std::int64_t{1} << 20, sample_pieces = 16;

/// Pieces from all over a plain file, whole records each; the first one with the header.
std::string spread_text(const CsvFile& file) {
  const std::int64_t piece = std::min(file.bytes, sample_bytes / sample_pieces);
  const InputFile input(file.path);
  std::string text;
  for (std::int64_t i = 0; i < sample_pieces; ++i) {
    std::string part(static_cast<std::size_t>(piece), '\0');
    const std::int64_t at = (file.bytes - piece) / (sample_pieces - 1) * i;
    input.read(at, std::as_writable_bytes(std::span(part)));
    if (i > 0) part.erase(0, std::min(part.find('\n'), part.size() - 1) + 1);
    text += part.substr(0, part.rfind('\n') + 1);
  }
  return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

/// The text of a source, as far as metadata and a sample tell.
struct SourceText {
  TextSample sample;
  double bytes = 0;
  double customers = 0;  ///< 0: not known

  [[nodiscard]] double rows() const {
    return sample.bytes > 0 ? bytes / static_cast<double>(sample.bytes) * static_cast<double>(sample.rows) : 0;
  }
};

/// Files that an earlier step of the plan will have written.
SourceText planned_text(const SourceParams& params, const Forecast& forecast) {
  SourceText text;
  for (const auto& [path, file] : forecast.files) {
    const bool named = std::ranges::any_of(params.path, [&, &name = path](const std::string& pattern) {
      return ::fnmatch(with_out(pattern, forecast.out).c_str(), name.c_str(), FNM_PATHNAME) == 0;
    });
    if (!named) continue;
    if (text.bytes == 0) text.sample = sample_of(path, *file.sample, false);
    text.bytes += file.bytes;
    text.customers = file.customers;
  }
  return text;
}

SourceText text_of(const SourceParams& params, const Forecast& forecast) {
  SourceText text = planned_text(params, forecast);
  if (text.bytes > 0) return text;
  std::optional<CsvFile> largest;
  for (const std::string& path : expand_paths(params.path, forecast.out)) {
    const CsvFile file = CsvFile::look_at(path);
    text.bytes += static_cast<double>(file.is_compressed() ? file.bytes * usual_ratio : file.bytes);
    if (!largest || file.bytes > largest->bytes) largest = file;
  }
  if (largest->is_compressed() || largest->bytes <= sample_bytes)
    text.sample = read_sample(largest->path, sample_bytes);
  else
    text.sample = sample_of(largest->path, spread_text(*largest), false);
  if (text.sample.whole && text.sample.path == largest->path && expand_paths(params.path, forecast.out).size() == 1)
    text.bytes = static_cast<double>(text.sample.bytes);
  return text;
}

/// How many different values there are among `rows` of which these are a sample (Chao, Scand. J. Stat. 1984).
double distinct(const std::vector<std::string>& sample, double rows) {
  std::unordered_map<std::string_view, int> counts;
  for (const std::string& value : sample) ++counts[value];
  double once = 0, twice = 0;
  for (const auto& [value, count] : counts) {
    once += count == 1 ? 1 : 0;
    twice += count == 2 ? 1 : 0;
  }
  const double unseen = rows <= static_cast<double>(sample.size()) ? 0 : once * once / (2 * std::max(1.0, twice));
  return std::min(rows, static_cast<double>(counts.size()) + unseen);
}

/// Bits a value takes in a store: those of the range of its digits, or of its labels.
double stored_bits(const Column& column, const std::vector<std::string>& values, double rows) {
  if (column.type == ColumnType::float64) return 64;
  if (column.type == ColumnType::timestamp || column.type == ColumnType::date) return 26;
  if (column.type == ColumnType::category) return std::ceil(std::log2(1 + distinct(values, rows)));
  double low = std::numeric_limits<double>::max(), high = 0, length = 0;
  for (const std::string& value : values) {
    double number = 0;
    for (const char c : value) number = c >= '0' && c <= '9' ? number * 10 + (c - '0') : number;
    low = std::min(low, number);
    high = std::max(high, number);
    length += static_cast<double>(value.size());
  }
  if (column.type == ColumnType::text)
    return values.empty() ? 0 : 8 * (2 + length / static_cast<double>(values.size()));
  return std::ceil(std::log2(2 + std::max(0.0, high - low)));
}

/// What the rows of one source are, packed for the exchange and in the store.
struct PlannedRows {
  PlannedTable table;
  double packed_bytes = 0, stored_bytes = 0, customers = 0;
};

PlannedRows rows_of(const SourceSchema& schema, const SourceText& text, const RowFormat& format) {
  PlannedRows result{.table = {.rows = text.rows(), .columns = columns_of(schema)}};
  double bytes = static_cast<double>(format.fixed_bytes()), bits = 0;
  for (const SourceColumn& column : schema.columns) {
    const auto at = std::ranges::find(text.sample.names, column.source_name) - text.sample.names.begin();
    const std::vector<std::string> none;
    const auto& values = at < std::ssize(text.sample.names) ? text.sample.columns[static_cast<std::size_t>(at)] : none;
    const bool is_customer = &column == &schema.columns.front();
    if (is_customer) result.customers = text.customers > 0 ? text.customers : distinct(values, text.rows());
    if (!is_customer) bits += stored_bits(column.column, values, text.rows());
    if (column.column.type != ColumnType::text) continue;
    double length = 0;
    for (const std::string& value : values) length += static_cast<double>(value.size());
    bytes += 4 + length / std::max(1.0, static_cast<double>(values.size()));
  }
  result.packed_bytes = text.rows() * std::ceil(bytes / 8) * 8;
  result.stored_bytes = text.rows() * bits / 8;
  return result;
}

/// The customers table of the dataset to come: ids, where their events begin, what a source says of them.
PlannedTable customers_of(const PlannedTable& source, double customers, const PlannedDataset& dataset) {
  PlannedTable table{.rows = customers, .columns = source.columns, .shards = source.shards};
  table.columns.front().name = "customer_id";
  for (const auto& [name, events] : dataset.events)
    table.columns.push_back({.name = name + "_offset", .type = ColumnType::int64});
  return table;
}

}  // namespace

StepPlan IngestJob::plan(const Params& params, Forecast& forecast) {
  const bool adds = params.append && std::filesystem::exists(forecast.job.dataset_folder(forecast.out) / manifest_name);
  const bool is_json = std::ranges::any_of(params.sources, [](const auto& source) { return source.second.is_json(); });
  if (adds || is_json) {
    forecast.dataset.reset();
    return {};
  }
  double text_bytes = 0, packed = 0, stored = 0, rows = 0, customers = 0;
  std::map<std::string, PlannedTable> tables;
  std::string largest;
  for (const TablePlan& plan : make_plans(params, nullptr)) {
    const SourceText text = text_of(params.sources.at(plan.schema.table), forecast);
    PlannedRows source = rows_of(plan.schema, text, plan.format);
    text_bytes += text.bytes;
    packed += source.packed_bytes;
    stored += source.stored_bytes + source.customers * 8;
    rows += source.table.rows;
    customers = std::max(customers, source.customers);
    if (largest.empty() || source.table.rows > tables.at(largest).rows) largest = plan.schema.table;
    tables[plan.schema.table] = std::move(source.table);
  }
  const auto shards = static_cast<double>(shard_count(forecast.job.shards, static_cast<std::int64_t>(text_bytes)));
  PlannedDataset dataset;
  for (auto& [name, table] : tables) {
    table.shards = shards;
    if (name != customers_table) dataset.events[name] = table;
  }
  const auto own = tables.find(std::string(customers_table));
  PlannedTable ids{.columns = {tables.at(largest).columns.front()}, .shards = shards};
  dataset.customers = customers_of(own == tables.end() ? ids : own->second, customers, dataset);
  forecast.dataset = std::move(dataset);
  const ShuffleCost shuffle = shuffle_cost(forecast, packed, rows, shards, rows_share);
  return {.rows = tables.at(largest).rows,
          .memory_bytes = Forecast::program_bytes + forecast.threads * Forecast::thread_bytes + shuffle.memory_bytes,
          .payload_bytes = shuffle.payload_bytes,
          .disk_bytes = stored + 1e6,
          .scratch_bytes = shuffle.spill_bytes,
          .time_s = 0.02 + text_bytes * 4e-9 / forecast.workers(),
          .rows_metric = "rows_" + largest,
          .smaller = "set more `shards`, which are built one a thread",
          .makes_dataset = true};
}

}  // namespace cohort
