// SPDX-License-Identifier: Apache-2.0
#include "algorithms/features/features_scan.hpp"

#include <algorithm>
#include <utility>

#include "core/error.hpp"

namespace cohort {
namespace {

/// Calls `use` with the integers of a column, int32 or int64.
template <class Use>
void with_integers(const Column& column, const ColumnView& view, const Use& use) {
  if (storage_of(column.type) == Storage::int32)
    use(view.int32s);
  else
    use(view.int64s);
}

/// Stands for the quantities of a table that has none: each event is one unit.
struct EachOne {
  std::int32_t operator[](std::size_t) const { return 1; }
};

constexpr std::int32_t last_day = days_from_civil(9999, 12, 31);

template <class Integer>
constexpr Integer missing = std::numeric_limits<Integer>::min();  // missing_int32, missing_int64

bool fits(std::string_view role, ColumnType type) {
  if (role == "time") return type == ColumnType::date || type == ColumnType::timestamp;
  if (role == "basket" || role == "item") return type != ColumnType::float64 && type != ColumnType::text;
  return type == ColumnType::int32 || type == ColumnType::int64 || type == ColumnType::decimal;
}

/// Calls `use` with the time units of a day as a constant, by which compilers divide without dividing.
template <class Use>
void with_units_per_day(const Column& time, const Use& use) {
  using std::integral_constant, std::uint64_t;
  if (time.type == ColumnType::date) return use(integral_constant<uint64_t, 1>());
  switch (time.unit) {
    case TimeUnit::day: return use(integral_constant<uint64_t, 1>());
    case TimeUnit::hour: return use(integral_constant<uint64_t, 24>());
    case TimeUnit::minute: return use(integral_constant<uint64_t, 1440>());
    case TimeUnit::second: return use(integral_constant<uint64_t, 86'400>());
    case TimeUnit::millisecond: return use(integral_constant<uint64_t, 86'400'000>());
    case TimeUnit::microsecond: return use(integral_constant<uint64_t, 86'400'000'000>());
  }
}

template <class T>
std::span<const T> events_of(const CustomerRun& run, std::span<const T> column) {
  return column.subspan(static_cast<std::size_t>(run.begin), static_cast<std::size_t>(run.end - run.begin));
}

/// Fills changes[i] with the number of j in 1..i where values[j] differs from values[j - 1].
template <class Value>
void number_changes(std::span<const Value> values, std::vector<std::int32_t>& changes) {
  changes.resize(values.size());
  std::int32_t count = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    count += i > 0 && values[i] != values[i - 1] ? 1 : 0;
    changes[i] = count;
  }
}

}  // namespace

std::int64_t latest_time(const EventTile& tile, const Column& column, const ColumnView& time) {
  std::int64_t latest = missing_int64;
  with_integers(column, time, [&]<class Time>(std::span<const Time> times) {
    for (const CustomerRun& run : tile.runs) {
      const auto mine = events_of(run, times);
      if (!mine.empty() && mine.back() != missing<Time>) latest = std::max<std::int64_t>(latest, mine.back());
    }
  });
  return latest;
}

std::int32_t day_after(std::int64_t time, const Column& column) {
  std::int64_t day = 0;
  with_units_per_day(column, [&](auto per_day) { day = floor_div(time, static_cast<std::int64_t>(per_day())); });
  return static_cast<std::int32_t>(day + 1);
}

FeatureScan::FeatureScan(const Features::Params& params, std::span<const Column> columns, std::int32_t as_of,
                         std::int32_t from)
    : as_of_(as_of),
      time_(find("time", params.time, columns)),
      basket_(find("basket", params.basket, columns)),
      item_(find("item", params.item, columns)),
      quantity_(find("quantity", params.quantity, columns)),
      price_(find("price", params.price, columns)) {
  if (!time_)
    throw Error(ExitCode::bad_config, "features: time is empty", "name the column that says when an event was");
  if (as_of < first_day || as_of > last_day + 1)
    throw Error(ExitCode::bad_config, fmt::format("features: as_of is {} days from 1970-01-01", as_of),
                "give a date between the years 1 and 9999");
  with_units_per_day(time_->column, [&](auto per_day) {
    earliest_ = first_day * static_cast<std::int64_t>(per_day());
    from_ = from * static_cast<std::int64_t>(per_day());
    cutoff_ = as_of * static_cast<std::int64_t>(per_day());
  });
  money_scale_ = (quantity_ ? quantity_->column.scale : 0) + (price_ ? price_->column.scale : 0);
  if (money_scale_ > 18)
    throw Error(ExitCode::bad_config,
                fmt::format("features: quantity x price has {} decimals, more than 18", money_scale_),
                "declare smaller scales");
}

std::optional<FeatureScan::Role> FeatureScan::find(std::string_view role, const std::string& name,
                                                   std::span<const Column> columns) const {
  if (name.empty()) return std::nullopt;
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
  if (found == columns.end())
    throw Error(ExitCode::bad_config, fmt::format("features: {}: the table has no column '{}'", role, name),
                fmt::format("name the column, or write {}: \"\" to do without", role));
  if (!fits(role, found->type))
    throw Error(ExitCode::bad_config,
                fmt::format("features: {}: column '{}' has type {}", role, name, type_name(*found)),
                "declare time a date or timestamp, quantity and price integers or decimals, basket and item integers "
                "or categories");
  return Role{static_cast<std::size_t>(found - columns.begin()), *found};
}

void FeatureScan::add(const EventTile& tile) {
  const auto with_role = [&](const Role& role, const auto& use) {
    with_integers(role.column, tile.columns[role.index], use);
  };
  with_role(*time_, [&](auto times) {
    cut(tile.runs, times);
    number_dates(times);
    add_changes([&](std::size_t i) { return days_[i]; }, dates_, [&] { emit_dates(); });
    if (basket_) return;
    number_changes(times, changes_);
    add_changes([&](std::size_t i) { return times[i]; }, times_seen_,
                [&] { frequency_.push_back(static_cast<std::int32_t>(times_seen_.distinct)); });
  });
  if (basket_) with_role(*basket_, [&](auto baskets) { add_distinct(baskets, baskets_, frequency_); });
  if (item_) with_role(*item_, [&](auto items) { add_distinct(items, items_, distinct_items_); });
  if (!price_) return;
  with_role(*price_, [&](auto prices) {
    if (quantity_)
      with_role(*quantity_, [&](auto quantities) { add_money(quantities, prices); });
    else
      add_money(EachOne{}, prices);
  });
}

/// Events are sorted and missing is the least time, so what counts is the middle of the run.
template <class Time>
void FeatureScan::cut(std::span<const CustomerRun> runs, std::span<const Time> times) {
  runs_.assign(runs.begin(), runs.end());
  for (CustomerRun& run : runs_) {
    const std::int32_t begin = run.begin, end = run.end;
    if (begin == end) continue;
    const auto at = [&](std::int32_t i) { return times[static_cast<std::size_t>(i)]; };
    const auto first = times.begin();
    if (at(begin) == missing<Time>)
      run.begin = static_cast<std::int32_t>(std::upper_bound(first + begin, first + end, missing<Time>) - first);
    events_.without_time += run.begin - begin;
    if (run.begin < end && at(run.begin) < earliest_)
      throw Error(ExitCode::bad_data,
                  fmt::format("features: the customer in row {} has an event at {}, before the year 1", run.customer,
                              at(run.begin)),
                  "check the unit of the time column");
    if (run.begin < end && at(run.begin) < from_)
      run.begin = static_cast<std::int32_t>(std::lower_bound(first + run.begin, first + end, from_) - first);
    if (at(end - 1) >= cutoff_)
      run.end = static_cast<std::int32_t>(std::lower_bound(first + run.begin, first + end, cutoff_) - first);
    events_.used += run.end - run.begin;
    events_.not_before_as_of += end - run.end;
  }
}

template <class Time>
void FeatureScan::number_dates(std::span<const Time> times) {
  days_.resize(times.size());
  with_units_per_day(time_->column, [&](auto per_day) {
    const auto earliest = static_cast<std::uint64_t>(earliest_);
    // Unsigned, since the times of events that do not count may be anything.
    for (std::size_t i = 0; i < times.size(); ++i) {
      const std::uint64_t day = (static_cast<std::uint64_t>(times[i]) - earliest) / per_day();
      days_[i] = static_cast<std::int32_t>(static_cast<std::uint32_t>(day) + static_cast<std::uint32_t>(first_day));
    }
  });
  number_changes(std::span<const std::int32_t>(days_), changes_);
}

/// How often the value changes between two events is a difference of two numbers: no branch depends on an event.
template <class Value, class Emit>
void FeatureScan::add_changes(const Value& value, Times& state, const Emit& emit) {
  for (const CustomerRun& run : runs_) {
    if (run.starts) state = {};
    if (run.begin < run.end) {
      const auto begin = static_cast<std::size_t>(run.begin), last = static_cast<std::size_t>(run.end - 1);
      const bool is_first = state.distinct == 0;
      if (is_first) state.first = value(begin);
      state.distinct += changes_[last] - changes_[begin] + (is_first || value(begin) != state.last ? 1 : 0);
      state.last = value(last);
    }
    if (run.ends) emit();
  }
}

void FeatureScan::emit_dates() {
  const bool none = dates_.distinct == 0;
  recency_days_.push_back(none ? missing_int32 : static_cast<std::int32_t>(as_of_ - dates_.last));
  tenure_days_.push_back(none ? missing_int32 : static_cast<std::int32_t>(as_of_ - dates_.first));
  mean_gap_days_.push_back(dates_.distinct < 2 ? missing_float64
                                               : static_cast<double>(dates_.last - dates_.first) /
                                                     static_cast<double>(dates_.distinct - 1));
}

template <class Key>
void FeatureScan::add_distinct(std::span<const Key> keys, KeySet& set, std::vector<std::int32_t>& counts) {
  for (const CustomerRun& run : runs_) {
    const auto mine = events_of(run, keys);
    if (run.starts && run.ends && mine.size() <= few_keys) {
      counts.push_back(distinct_of_few(mine));
      continue;
    }
    if (run.starts) set.clear();
    set.insert(mine);
    if (run.ends) counts.push_back(set.size());
  }
}

template <class Quantity, class Price>
void FeatureScan::add_money(const Quantity& quantities, std::span<const Price> prices) {
  using Count = std::remove_cvref_t<decltype(quantities[0])>;
  for (const CustomerRun& run : runs_) {
    Wide sum = run.starts ? 0 : money_;
    for (auto i = static_cast<std::size_t>(run.begin); i < static_cast<std::size_t>(run.end); ++i) {
      const std::int64_t quantity = quantities[i] == missing<Count> ? 0 : quantities[i];
      const std::int64_t price = prices[i] == missing<Price> ? 0 : prices[i];
      sum += Wide{quantity} * price;
    }
    money_ = sum;
    if (run.ends) emit_money(run.customer);
  }
}

void FeatureScan::emit_money(std::int64_t customer) {
  const auto value = static_cast<std::int64_t>(money_);
  if (value != money_ || value == missing_int64)
    throw Error(ExitCode::bad_data,
                fmt::format("features: the monetary value of the customer in row {} leaves 64 bits at scale {}",
                            customer, money_scale_),
                "declare a smaller scale");
  monetary_.push_back(value);
}

std::vector<double> FeatureScan::take_mean_basket() const {
  std::vector<double> means(monetary_.size(), missing_float64);
  const auto unit = static_cast<double>(power_of_ten(money_scale_));
  for (std::size_t i = 0; i < means.size(); ++i)
    if (frequency_[i] > 0) means[i] = static_cast<double>(monetary_[i]) / (frequency_[i] * unit);
  return means;
}

std::vector<FeatureColumn> FeatureScan::take() {
  std::vector<FeatureColumn> rows;
  const auto put = [&rows]<class T>(Column column, std::vector<T>&& values) {
    rows.push_back({std::move(column), std::exchange(values, {})});
  };
  std::vector<double> mean_basket = price_ ? take_mean_basket() : std::vector<double>();
  put({"recency_days", ColumnType::int32}, std::move(recency_days_));
  put({"frequency", ColumnType::int32}, std::move(frequency_));
  if (price_) put({"monetary", ColumnType::decimal, money_scale_}, std::move(monetary_));
  put({"tenure_days", ColumnType::int32}, std::move(tenure_days_));
  if (price_) put({"mean_basket", ColumnType::float64}, std::move(mean_basket));
  put({"mean_gap_days", ColumnType::float64}, std::move(mean_gap_days_));
  if (item_) put({"distinct_items", ColumnType::int32}, std::move(distinct_items_));
  return rows;
}

}  // namespace cohort
