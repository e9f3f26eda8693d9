// SPDX-License-Identifier: Apache-2.0
#include "jobs/group_by/group_by_job.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <set>

#include "algorithms/group_by/group_by.hpp"
#include "core/aggregate.hpp"
#include "core/progress.hpp"
#include "jobs/group_by/group_output.hpp"
#include "jobs/group_by/group_source.hpp"

namespace cohort {
namespace {

/// Tiles that show where the keys lie, over all ranks.
constexpr std::int64_t sampled_tiles = 256;

std::vector<KeySpec> keys_of(const GroupByJob::Params& params) {
  std::vector<KeySpec> specs;
  for (const std::string& text : params.by) specs.push_back(KeySpec::parse(text));
  return specs;
}

std::vector<std::string> columns_of(const GroupByJob::Params& params) {
  std::set<std::string> names;
  for (const KeySpec& key : keys_of(params)) names.insert(key.column);
  for (const auto& [name, unused] : params.where) names.insert(name);
  for (const auto& [unused, measure] : params.measures) {
    if (measure.of == "amount") names.insert({params.price, params.quantity});
    if (measure.of != "amount") names.insert(measure.of);
    for (const auto& [name, text] : measure.where) names.insert(name);
  }
  names.erase("");
  return {names.begin(), names.end()};
}

/// Collective. Calls add(worker, state, reader, block) for each block of this rank.
template <MergeableState State, class Add>
State aggregate_blocks(const Context& context, const GroupSource& source, const State& identity, const Add& add) {
  std::vector<std::unique_ptr<GroupSource::Reader>> readers(static_cast<std::size_t>(context.threads));
  Progress progress(context.show_progress, "reading rows", std::ssize(source.blocks()));
  return aggregate(context, std::ssize(source.blocks()), identity, [&](int worker, State& state, std::int64_t block) {
    auto& reader = readers[static_cast<std::size_t>(worker)];
    if (!reader) reader = std::make_unique<GroupSource::Reader>(source);
    add(worker, state, *reader, block);
    progress.advance();
  });
}

struct Magnitudes {
  std::vector<double> of;  ///< by column
  void parts(Parts& p) { p.max(of); }
};

/// Collective. The largest magnitude of each column of floats; one pass where there are any.
std::vector<double> magnitudes_of(const Context& context, const GroupSource& source) {
  const Magnitudes none{std::vector<double>(source.columns().size(), 0)};
  const bool any = std::ranges::any_of(source.columns(), [](const Column& c) { return c.type == ColumnType::float64; });
  if (!any) return none.of;
  const auto add = [](Magnitudes& state, const RowTile& tile) {
    for (std::size_t c = 0; c < state.of.size(); ++c)
      for (const double x : tile.columns[c].float64s)
        if (!std::isnan(x)) state.of[c] = std::max(state.of[c], std::abs(x));
  };
  return aggregate_blocks(context, source, none,
                          [&](int, Magnitudes& state, GroupSource::Reader& reader, std::int64_t block) {
                            reader.read(block, false, [&](const RowTile& tile) { add(state, tile); });
                          })
      .of;
}

KeyLayout layout_of(const GroupByJob::Params& params, const GroupSource& source) {
  const std::vector<KeySpec> specs = keys_of(params);
  std::vector<std::size_t> sources;
  std::vector<Column> columns;
  std::vector<ValueRange> ranges;
  for (const KeySpec& spec : specs) {
    sources.push_back(source.index_of(spec.column));
    columns.push_back(source.columns()[sources.back()]);
    const bool has_range = columns.back().type != ColumnType::text && columns.back().type != ColumnType::float64;
    ranges.push_back(has_range ? source.range(sources.back()) : ValueRange{});
  }
  return {specs, sources, columns, ranges};
}

GroupMeasures measures_of(const GroupByJob::Params& params, const GroupSource& source,
                          const std::vector<double>& magnitudes) {
  std::vector<ValueRange> ranges;
  for (std::size_t c = 0; c < source.columns().size(); ++c) ranges.push_back(source.range(c));
  const std::map<std::string, Measure> rows{{"rows", Measure{}}};
  return {params.measures.empty() ? rows : params.measures,
          params.where,
          {.columns = source.columns(),
           .ranges = ranges,
           .magnitudes = magnitudes,
           .quantity = params.quantity,
           .price = params.price,
           .rows = source.total_rows(),
           .labels = [&](const std::string& name) { return source.labels(source.index_of(name)); }}};
}

std::vector<std::uint64_t> sample(const Context& context, const GroupSource& source, const KeyLayout& keys) {
  std::vector<std::uint64_t> sampled;
  const auto blocks = std::ssize(source.blocks());
  const std::int64_t tiles = std::min(blocks, std::max<std::int64_t>(1, sampled_tiles / context.comm.size()));
  GroupSource::Reader reader(source);
  for (std::int64_t i = 0; i < tiles; ++i)
    reader.read(i * blocks / tiles, true, [&](const RowTile& tile) { sample_keys(keys, tile, sampled); });
  return sampled;
}

/// Whether a block can hold a row that passes all filters.
bool is_wanted(const GroupSource& source, const std::vector<RowFilter>& filters, const ShardRowTable::Block& block) {
  return std::ranges::all_of(filters, [&](const RowFilter& filter) {
    if (filter.negated) return true;
    const bool codes = !filter.codes.empty();
    return source.may_hold(block, filter.column, codes ? filter.codes.front() : filter.low,
                           codes ? filter.codes.back() : filter.high);
  });
}

/// Collective. Adds this rank's rows; returns the blocks that no row was wanted of, over all ranks.
std::int64_t scan(const Context& context, const GroupSource& source, const std::vector<RowFilter>& filters,
                  GroupBy& groups) {
  struct Skipped {
    std::int64_t blocks = 0;
    void parts(Parts& p) { p.sum(blocks); }
  };
  return aggregate_blocks(context, source, Skipped{},
                          [&](int worker, Skipped& state, GroupSource::Reader& reader, std::int64_t block) {
                            if (is_wanted(source, filters, source.blocks()[static_cast<std::size_t>(block)]))
                              reader.read(block, false, [&](const RowTile& tile) { groups.add(worker, tile); });
                            else
                              ++state.blocks;
                          })
      .blocks;
}

std::vector<std::vector<std::string>> labels_of(const GroupByJob::Params& params, const GroupSource& source) {
  std::vector<std::vector<std::string>> labels;
  for (const KeySpec& key : keys_of(params)) {
    const std::size_t column = source.index_of(key.column);
    const bool category = source.columns()[column].type == ColumnType::category;
    labels.push_back(category ? source.labels(column) : std::vector<std::string>());
  }
  return labels;
}

}  // namespace

void GroupByJob::Params::describe(Fields& f) {
  f({.name = "input",
     .text =
         "Rows to group: an event table of the dataset, 'dataset' for its customers, the id of an earlier step that "
         "left a table, or a folder"},
    input);
  f({.name = "by",
     .text =
         "Keys: columns (categories, whole numbers, decimals, dates, times); day, week (its Monday), month, quarter "
         "or year of a column of times, as its first day, hour (0 to 23) or weekday (1 is Monday), UTC, as "
         "month(time); and columns of the rows' customers, as kmeans.segment or dataset.country. Missing values "
         "are a group, the last one. Empty: one group of all rows"},
    by);
  f({.name = "measures", .text = "Figures of each group by name; empty: rows, how many there are"}, measures);
  f({.name = "where", .text = "Which rows count: filters by column, spelled as those of a measure"}, where);
  f({.name = "quantity", .text = "Column of 'amount'; empty: each row is one piece"}, quantity);
  f({.name = "price", .text = "Column of 'amount'"}, price);
  f({.name = "top_by", .text = "Measure by which the report ranks groups; empty: the first by name"}, top_by);
  f({.name = "top", .text = "How many groups the report shows; 0: none", .range = {0, 1000}}, top);
  f({.name = "csv", .text = "Write groups.csv beside groups.h5", .execution = false}, csv);
}

void GroupByJob::Params::check(const ConfigNode&) const {
  (void)keys_of(*this);
  for (const auto& [name, measure] : measures) measure.check(name);
  for (const KeySpec& key : keys_of(*this)) {
    if (measures.contains(key.name()))
      throw Error(ExitCode::bad_config, fmt::format("measure {}: there is a key of this name", key.name()),
                  "give the measure another name");
  }
  if (top_by.empty() || measures.contains(top_by)) return;
  throw Error(ExitCode::bad_config, fmt::format("top_by: there is no measure '{}'", top_by),
              "name one of the measures");
}

StepResult GroupByJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  std::optional<Metrics::Phase> phase(std::in_place, context.metrics, context.comm, step.id + "/plan");
  const GroupSource source(step, params.input, columns_of(params));
  const std::vector<double> magnitudes = magnitudes_of(context, source);
  const KeyLayout keys = made_collectively(context.comm, [&] { return layout_of(params, source); });
  const GroupMeasures measures =
      made_collectively(context.comm, [&] { return measures_of(params, source, magnitudes); });
  const auto sampled = made_collectively(context.comm, [&] { return sample(context, source, keys); });

  phase.emplace(context.metrics, context.comm, step.id + "/scan");
  GroupBy groups(context, keys, measures, sampled, source.total_rows(), step.folder.string());
  const std::int64_t skipped = scan(context, source, measures.where(), groups);
  phase.emplace(context.metrics, context.comm, step.id + "/merge");
  GroupedTable table{.keys = keys,
                     .measures = measures,
                     .labels = made_collectively(context.comm, [&] { return labels_of(params, source); }),
                     .pieces = groups.finish(),
                     .all_pieces = groups.pieces()};
  phase.emplace(context.metrics, context.comm, step.id + "/output");
  std::vector<std::int64_t> counts{groups.rows_used(), 0};
  for (const GroupPiece& piece : table.pieces) counts[1] += static_cast<std::int64_t>(piece.groups(keys.words()));
  context.comm.all_reduce(counts, {});
  write_groups(step, table, params.csv);

  StepResult result;
  result.metrics = {{"groups", counts[1]}, {"rows", source.total_rows()}, {"rows_used", counts[0]}};
  context.metrics.count(step.id + "/scan", "blocks_skipped", skipped);
  if (params.top > 0) {
    const auto ranked = std::ranges::find(measures.columns(), params.top_by, &Column::name);
    result.tables.push_back(top_groups(
        context, table,
        ranked == measures.columns().end() ? 0 : static_cast<std::size_t>(ranked - measures.columns().begin()),
        counts[1], params.top));
  }
  return result;
}

}  // namespace cohort
