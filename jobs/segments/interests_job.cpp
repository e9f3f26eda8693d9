// SPDX-License-Identifier: Apache-2.0
#include "jobs/segments/interests_job.hpp"

#include <algorithm>
#include <numeric>

#include "algorithms/features/features_date.hpp"
#include "core/collectively.hpp"
#include "io/store/dataset.hpp"
#include "io/store/dictionaries.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/features/event_source.hpp"
#include "jobs/shard_gather.hpp"

namespace cohort {
namespace {

using Interest = Interests::Interest;

/// The segments: the categories, by code, and then those of no clear interest.
class Segments {
 public:
  Segments(std::vector<std::string> categories, double min_share)
      : categories_(std::move(categories)), names_(categories_), min_share_(min_share) {
    names_.emplace_back("mixed");
    std::sort(names_.begin(), names_.end());
    if (std::ranges::adjacent_find(names_) != names_.end())
      throw Error(ExitCode::bad_config, "a category is called 'mixed', as are customers without a clear interest",
                  "rename it with a replace rule in ingest");
  }

  [[nodiscard]] std::size_t count() const { return names_.size(); }
  [[nodiscard]] const std::vector<std::string>& categories() const { return categories_; }
  /// Sorted, as dictionaries have them.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  /// Position in `names`; missing for a customer who has spent nothing.
  [[nodiscard]] std::int32_t of(const Interest& interest) const {
    if (interest.category == missing_int32) return missing_int32;
    const bool clear = interest.share() >= min_share_;
    const std::string& name = clear ? categories_[static_cast<std::size_t>(interest.category)] : mixed_;
    return static_cast<std::int32_t>(std::ranges::lower_bound(names_, name) - names_.begin());
  }

 private:
  std::vector<std::string> categories_, names_;
  std::string mixed_ = "mixed";
  double min_share_;
};

/// Customers and their spend by segment, and those without one.
struct Counts {
  std::vector<std::int64_t> customers, spend, none = std::vector<std::int64_t>(1);

  explicit Counts(std::size_t segments) : customers(segments), spend(segments) {}
  void parts(Parts& p) {
    p.sum(customers);
    p.sum(spend);
    p.sum(none);
  }
  void add(const Segments& segments, const Interest& interest) {
    const std::int32_t segment = segments.of(interest);
    if (segment == missing_int32) {
      ++none.front();
      return;
    }
    ++customers[static_cast<std::size_t>(segment)];
    add_money(spend[static_cast<std::size_t>(segment)], interest.spend);
  }
};

std::vector<Column> schema_of(const Column& id, int scale) {
  return {id,
          {.name = "as_of", .type = ColumnType::date},
          {.name = "segment_name", .type = ColumnType::category},
          {.name = "top_category", .type = ColumnType::category},
          {.name = "top_share", .type = ColumnType::float64},
          {.name = "categories", .type = ColumnType::int32},
          {.name = "spend", .type = ColumnType::decimal, .scale = scale}};
}

/// One shard's table.
std::vector<ColumnData> columns_of(ColumnData ids, const std::vector<Interest>& interests, const Segments& segments,
                                   std::int32_t as_of, int scale) {
  std::vector<std::int32_t> names, tops, counts;
  std::vector<double> shares;
  std::vector<std::int64_t> spend;
  for (const Interest& interest : interests) {
    names.push_back(segments.of(interest));
    tops.push_back(interest.category);
    shares.push_back(interest.category == missing_int32 ? missing_float64 : interest.share());
    counts.push_back(interest.categories);
    spend.push_back(interest.spend);
  }
  const std::vector<Column> schema = schema_of(ids.column, scale);
  std::vector<ColumnData> columns{std::move(ids)};
  columns.push_back({schema[1], std::vector<std::int32_t>(interests.size(), as_of)});
  columns.push_back({schema[2], std::move(names)});
  columns.push_back({schema[3], std::move(tops)});
  columns.push_back({schema[4], std::move(shares)});
  columns.push_back({schema[5], std::move(counts)});
  columns.push_back({schema[6], std::move(spend)});
  return columns;
}

/// The segments that have customers, the largest first.
ResultTable segments_table(const Counts& counts, const Segments& segments, int scale) {
  ResultTable table{.name = "segments",
                    .title = "Customers by what they spend most on",
                    .columns = {"segment_name", "customers", "share", "revenue", "revenue_share"},
                    .rows = {}};
  std::vector<std::size_t> order(segments.count());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t s) { return counts.customers[s]; });
  const std::int64_t all = std::accumulate(counts.customers.begin(), counts.customers.end(), std::int64_t{0});
  std::int64_t money = 0;
  for (const std::int64_t spend : counts.spend) add_money(money, spend);
  for (const std::size_t s : order) {
    if (counts.customers[s] == 0) continue;
    table.rows.push_back(
        {segments.names()[s], counts.customers[s], static_cast<double>(counts.customers[s]) / static_cast<double>(all),
         money_value(counts.spend[s], scale), static_cast<double>(counts.spend[s]) / static_cast<double>(money)});
  }
  table.chart = {{"type", "bar"}, {"x", "segment_name"}, {"y", {"share", "revenue_share"}}};
  return table;
}

Segments segments_of(const EventSource& source, const ShardEventTable& events, const InterestsJob::Params& params) {
  const auto column = std::ranges::find(events.columns(), params.category, &Column::name);
  if (column == events.columns().end() || column->type != ColumnType::category)
    throw Error(ExitCode::bad_config, fmt::format("category: column '{}' holds no categories", params.category),
                "name a category column of the events; ingest can join one from a lookup table");
  return {read_dictionary(*source.manifest, source.folder, params.category).labels, params.min_share};
}

}  // namespace

void InterestsJob::Params::describe(Fields& f) {
  Interests::Params::describe(f);
  f({.name = "as_of", .text = "Date YYYY-MM-DD, UTC: only events before it count. Empty: the day after the last event"},
    as_of);
}

void InterestsJob::Params::check(const ConfigNode&) const {
  if (!as_of.empty()) (void)date_from_iso(as_of, "as_of");
}

StepResult InterestsJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  const EventSource source = open_events(step);
  const std::int32_t as_of = date_or_end(context, source, params.input, params.time, params.as_of, "as_of");
  const PurchaseColumns roles = params.roles();
  const ShardEventTable events = source.events(context.comm, params.input, roles.columns());
  const Segments segments = made_collectively(context.comm, [&] { return segments_of(source, events, params); });
  const int scale =
      made_collectively(context.comm, [&] { return PurchaseReader(roles, events.columns()).money_scale(); });
  CustomerTableWriter writer(context, step.folder / "table", schema_of(source.id_column(), scale));
  Counts counts(segments.count());
  {
    const Metrics::Phase phase(context.metrics, context.comm, step.id + "/scan");
    counts = aggregate_shards(
        context, source, events, counts, [&](Counts& state, std::int32_t shard, const ReadTiles& read) {
          PurchaseReader purchases(roles, events.columns());
          Interests::Scan scan(segments.categories().size(), as_of);
          read([&](const EventTile& tile) { purchases.read(tile, scan); });
          for (const Interest& interest : scan.interests()) state.add(segments, interest);
          writer.write(shard, columns_of(source.ids(shard), scan.interests(), segments, as_of, scale));
        });
  }
  const Metrics::Phase phase(context.metrics, context.comm, step.id + "/output");
  CustomerRows rows{.folder = step.folder / "table"};
  rows.manifest = std::make_unique<const Manifest>(writer.finish(
      *source.manifest,
      {{.name = "segment_name", .labels = segments.names()}, {.name = "top_category", .labels = segments.categories()}},
      {{"as_of", iso_date(as_of)}}));
  rows.shards = shards_of_rank(*rows.manifest, context.comm.rank(), context.comm.size());
  write_customers_csv(context, rows, step.folder / "interests.csv");
  return {.metrics = {{"as_of", iso_date(as_of)},
                      {"customers", total_rows(*rows.manifest, 0)},
                      {"unassigned", counts.none.front()}},
          .tables = {segments_table(counts, segments, scale)}};
}

}  // namespace cohort
