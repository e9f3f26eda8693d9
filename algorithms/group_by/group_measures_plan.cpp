// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>

#include "algorithms/group_by/group_measures.hpp"
#include "core/error.hpp"
#include "core/exact_sums.hpp"

namespace cohort {
namespace {

[[noreturn]] void fail(const std::string& place, const std::string& complaint, const std::string& advice) {
  throw Error(ExitCode::bad_config, fmt::format("{}: {}", place, complaint), advice);
}

std::size_t find(const std::string& place, const std::string& name, std::span<const Column> columns) {
  const auto found = std::ranges::find(columns, name, &Column::name);
  if (found == columns.end()) fail(place, fmt::format("the table has no column '{}'", name), "name one of its columns");
  return static_cast<std::size_t>(found - columns.begin());
}

/// The index of an element, which is appended where it is new.
template <class T>
std::size_t enter(std::vector<T>& list, const T& element) {
  const auto found = std::ranges::find(list, element);
  if (found != list.end()) return static_cast<std::size_t>(found - list.begin());
  list.push_back(element);
  return list.size() - 1;
}

int scale_of(const Column& column) {
  return column.type == ColumnType::decimal ? column.scale : 0;
}

bool is_sum(const std::string& stat) {
  return stat == "sum" || stat == "mean";
}

/// Which types a figure can be taken of.
bool fits(const std::string& stat, ColumnType type) {
  const bool number = type == ColumnType::int32 || type == ColumnType::int64 || type == ColumnType::decimal ||
                      type == ColumnType::float64 || type == ColumnType::boolean;
  if (stat == "count" || stat == "distinct") return type != ColumnType::text;
  const bool time = type == ColumnType::date || type == ColumnType::timestamp;
  return number || (time && (stat == "min" || stat == "max"));
}

double largest(const ValueRange& range) {
  return range.low > range.high
             ? 0
             : std::max(std::abs(static_cast<double>(range.low)), std::abs(static_cast<double>(range.high)));
}

}  // namespace

void Measure::describe(Fields& fields) {
  fields(
      {.name = "stat",
       .text = "Over the group's rows that count: count, how many are not missing (without `of`: how many rows); sum "
               "(0 of none); mean; min; max; distinct, different values; quantile, linearly interpolated. Missing "
               "where there is nothing to take it of",
       .choices = {"count", "sum", "mean", "min", "max", "distinct", "quantile"}},
      stat);
  fields({.name = "of", .text = "Column of the values; 'amount' is quantity x price. Empty: each row is one"}, of);
  fields({.name = "q", .text = "Of a quantile: the share of values below it; 0.5 is the median", .range = {0, 1}}, q);
  fields({.name = "where",
          .text = "Filters by column, all of which must pass: 'web', 'web|shop', '!web' for a category; '<0', '>=2.5', "
                  "'10', '!10' for numbers and dates. Missing never passes"},
         where);
}

void Measure::check(const std::string& name) const {
  if (of.empty() && stat != "count")
    fail("measure " + name, fmt::format("{} needs values", stat), "name their column by `of`");
}

GroupMeasures::GroupMeasures(const std::map<std::string, Measure>& measures,
                             const std::map<std::string, std::string>& where, const MeasureColumns& columns) {
  filters_.push_back(parse_filters("where", where, columns));
  words_.push_back({.op = Word::Op::rows});
  for (const auto& [name, measure] : measures) plan(name, measure, columns);
  if (words_.size() > most_words)
    fail("measures", fmt::format("they need {} words of state, more than {}", words_.size(), most_words),
         "take fewer at once");
  for (const Word& one : words_)
    merges_.push_back(one.op == Word::Op::maximum || one.op == Word::Op::minimum ? Merge::maximum : Merge::sum);
}

std::vector<RowFilter> GroupMeasures::parse_filters(const std::string& place,
                                                    const std::map<std::string, std::string>& where,
                                                    const MeasureColumns& columns) {
  std::vector<RowFilter> filters;
  for (const auto& [name, text] : where) {
    const std::size_t index = find(place, name, columns.columns);
    const Column& column = columns.columns[index];
    const bool labelled = column.type == ColumnType::category;
    filters.push_back(parse_filter(place, column, labelled ? columns.labels(name) : std::vector<std::string>(), text));
    filters.back().column = index;
  }
  return filters;
}

std::size_t GroupMeasures::word(Word::Op op, std::size_t source, std::size_t filter) {
  return enter(words_, Word{op, source, filter});
}

void GroupMeasures::plan(const std::string& name, const Measure& measure, const MeasureColumns& columns) {
  const std::string place = "measure " + name;
  Plan plan{.name = name, .stat = measure.stat, .q = measure.q};
  const std::size_t filter = measure.where.empty() ? 0 : enter(filters_, parse_filters(place, measure.where, columns));
  Column type{.name = name, .type = ColumnType::int64};
  if (measure.of.empty()) {
    plan.word = word(Word::Op::rows, 0, filter);
    plans_.push_back(plan);
    columns_.push_back(type);
    return;
  }
  const Source from = source_of(place, measure, columns, type);
  const std::size_t source = enter(sources_, from);
  plan.is_float = type.type == ColumnType::float64;
  plan.unit = static_cast<double>(power_of_ten(scale_of(type)));
  plan.shift = from.shift;
  if (is_sum(measure.stat)) {
    plan.wide = is_wide(from, columns);
    plan.word = word(plan.wide ? Word::Op::low : Word::Op::sum, source, filter);
    if (plan.wide) plan.high = word(Word::Op::high, source, filter);
  }
  if (measure.stat == "mean") plan.count = word(Word::Op::known, source, filter);
  if (measure.stat == "count") plan.word = word(Word::Op::known, source, filter);
  if (measure.stat == "max") plan.word = word(Word::Op::maximum, source, filter);
  if (measure.stat == "min") plan.word = word(Word::Op::minimum, source, filter);
  if (measure.stat == "distinct" || measure.stat == "quantile")
    plan.set = static_cast<std::int64_t>(enter(sets_, ValueSet{source, filter}));
  if (measure.stat == "count" || measure.stat == "distinct") type = {.name = name, .type = ColumnType::int64};
  if (measure.stat == "mean" || measure.stat == "quantile") type = {.name = name, .type = ColumnType::float64};
  type.name = name;
  plans_.push_back(plan);
  columns_.push_back(type);
}

/// Also says in `type` what a value is: a sum, least or largest value is of the same type.
GroupMeasures::Source GroupMeasures::source_of(const std::string& place, const Measure& measure,
                                               const MeasureColumns& columns, Column& type) {
  Source source;
  if (measure.of != "amount") {
    source.column = find(place, measure.of, columns.columns);
    type = columns.columns[source.column];
    if (!fits(measure.stat, type.type))
      fail(place, fmt::format("{} of column {}, which is of type {}", measure.stat, type.name, type_name(type)),
           "take numbers; min and max take times too, count and distinct all but texts");
    if (type.type == ColumnType::boolean || type.type == ColumnType::int32)
      type.type = measure.stat == "sum" ? ColumnType::int64 : type.type;
    if (type.type != ColumnType::float64) return source;
    source.kind = is_sum(measure.stat) ? Source::Kind::fixed_point : Source::Kind::ordered;
    if (is_sum(measure.stat)) source.shift = 60 - magnitude_bound(columns.magnitudes[source.column]);
    return source;
  }
  source.kind = Source::Kind::amount;
  source.column = find(place, columns.price, columns.columns);
  int scale = scale_of(columns.columns[source.column]);
  source.has_times = !columns.quantity.empty();
  if (source.has_times) {
    source.times = find(place, columns.quantity, columns.columns);
    scale += scale_of(columns.columns[source.times]);
  }
  for (const std::size_t column : {source.column, source.has_times ? source.times : source.column}) {
    if (fits("sum", columns.columns[column].type) && columns.columns[column].type != ColumnType::float64) continue;
    fail(place,
         fmt::format("amount of column {}, which is of type {}", columns.columns[column].name,
                     type_name(columns.columns[column])),
         "declare quantity and price integers or decimals at ingest");
  }
  if (scale > 18) fail(place, fmt::format("amount has {} decimals, more than 18", scale), "declare smaller scales");
  type = {.type = scale > 0 ? ColumnType::decimal : ColumnType::int64, .scale = scale};
  return source;
}

/// Whether all rows together may pass 2^62.
bool GroupMeasures::is_wide(const Source& source, const MeasureColumns& columns) {
  if (source.kind == Source::Kind::fixed_point) return true;
  double most = largest(columns.ranges[source.column]);
  if (source.has_times) most *= largest(columns.ranges[source.times]);
  return most * static_cast<double>(columns.rows) >= 0x1p62;
}

}  // namespace cohort
