// SPDX-License-Identifier: Apache-2.0
#include "algorithms/features/window_scan.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/error.hpp"

namespace cohort {
namespace {

[[noreturn]] void fail(const std::string& window, const std::string& complaint, const std::string& advice) {
  throw Error(ExitCode::bad_config, fmt::format("window {}: {}", window, complaint), advice);
}

bool is_whole(const std::string& stat) {
  return stat == "count" || stat == "distinct" || stat == "recency";
}

int scale_of(const Column& column) {
  return column.type == ColumnType::decimal ? column.scale : 0;
}

void append_values(const ColumnView& view, const CustomerRun& run, std::vector<std::int64_t>& to) {
  for (auto i = static_cast<std::size_t>(run.begin); i < static_cast<std::size_t>(run.end); ++i) {
    if (!view.int64s.empty())
      to.push_back(view.int64s[i]);
    else
      to.push_back(view.int32s[i] == missing_int32 ? missing_int64 : view.int32s[i]);
  }
}

}  // namespace

std::vector<std::string> window_columns(const Features::Params& roles, const std::map<std::string, Window>& windows) {
  std::vector<std::string> names = roles.columns();
  for (const auto& [unused, window] : windows)
    for (const std::string& name : window.columns())
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

WindowScan::WindowScan(const Features::Params& roles, const std::map<std::string, Window>& windows,
                       std::span<const Column> columns, const Labels& labels, std::vector<std::int32_t> dates)
    : columns_(columns.begin(), columns.end()),
      dates_(std::move(dates)),
      quantity_(role_of(roles.quantity)),
      price_(role_of(roles.price)),
      values_(columns.size()),
      results_(dates_.size(), std::vector<std::vector<double>>(windows.size())) {
  time_ = role_of(roles.time).index;
  order_ = roles.basket.empty() ? time_ : role_of(roles.basket).index;
  if (columns_[time_].type == ColumnType::timestamp) units_per_day_ = units_per_day(columns_[time_].unit);
  for (const auto& [name, window] : windows) plans_.push_back(plan_of(name, window, labels));
}

WindowScan::Role WindowScan::role_of(const std::string& name) const {
  const auto found = std::ranges::find(columns_, name, &Column::name);
  return {found != columns_.end(), static_cast<std::size_t>(found - columns_.begin())};
}

std::size_t WindowScan::column_of(const std::string& window, const std::string& name) const {
  const Role role = role_of(name);
  if (!role.given) fail(window, fmt::format("the table has no column '{}'", name), "name one of its columns");
  return role.index;
}

void WindowScan::plan_values(const Window& window, Plan& plan) const {
  const bool any_type = window.stat == "count" || window.stat == "distinct";
  plan.counts_events = window.of.empty();
  plan.amount = window.of == "amount";
  if (plan.amount) {
    if (!price_.given) fail(plan.name, "there is no amount without a price", "name the price column of the step");
    const int scale = scale_of(columns_[price_.index]) + (quantity_.given ? scale_of(columns_[quantity_.index]) : 0);
    plan.unit = static_cast<double>(power_of_ten(scale));
  } else if (!window.of.empty()) {
    plan.of = column_of(plan.name, window.of);
    const Column& column = columns_[plan.of];
    const bool number = column.type == ColumnType::int32 || column.type == ColumnType::int64 ||
                        column.type == ColumnType::decimal || column.type == ColumnType::boolean;
    if (column.type == ColumnType::float64 || (!number && (!any_type || plan.per_order)))
      fail(plan.name, fmt::format("{} of column {}, which is of type {}", window.stat, column.name, type_name(column)),
           "take integers or decimals; count and distinct take categories and times too");
    plan.unit = static_cast<double>(power_of_ten(scale_of(column)));
  }
  if (window.stat == "distinct" || window.stat == "share") plan.unit = 1;
}

WindowScan::Plan WindowScan::plan_of(const std::string& name, const Window& window, const Labels& labels) const {
  Plan plan{
      .name = name, .stat = window.stat, .span = parse_span(name, window.last), .per_order = window.per == "order"};
  plan_values(window, plan);
  for (const auto& [column_name, text] : window.where) {
    const std::size_t index = column_of(name, column_name);
    const Column& column = columns_[index];
    const std::vector<std::string> known =
        column.type == ColumnType::category ? labels(column_name) : std::vector<std::string>();
    plan.filters.push_back(parse_filter("window " + name, column, known, text));
    plan.filters.back().column = index;
  }
  return plan;
}

void WindowScan::add(const EventTile& tile) {
  for (const CustomerRun& run : tile.runs) {
    keep(tile, run);
    if (run.ends) finish_customer();
  }
}

void WindowScan::keep(const EventTile& tile, const CustomerRun& run) {
  for (std::size_t c = 0; c < columns_.size(); ++c) append_values(tile.columns[c], run, values_[c]);
  const std::vector<std::int64_t>& times = values_[time_];
  for (std::size_t event = days_.size(); event < times.size(); ++event)
    days_.push_back(times[event] == missing_int64 ? missing_int32
                                                  : static_cast<std::int32_t>(floor_div(times[event], units_per_day_)));
}

void WindowScan::finish_customer() {
  for (std::size_t date = 0; date < dates_.size(); ++date)
    for (std::size_t w = 0; w < plans_.size(); ++w) results_[date][w].push_back(evaluate(plans_[w], dates_[date]));
  days_.clear();
  for (std::vector<std::int64_t>& column : values_) column.clear();
}

bool WindowScan::passes(const Plan& plan, std::size_t event) const {
  return std::ranges::all_of(plan.filters,
                             [&](const RowFilter& filter) { return filter.passes(values_[filter.column][event]); });
}

/// The events of the window, latest first.
void WindowScan::select(const Plan& plan, std::int32_t as_of, bool filtered) {
  selected_.clear();
  // Missing is the least time: such events come first and end the walk.
  const std::int32_t from =
      plan.span.days > 0 ? std::max(missing_int32 + 1, as_of - plan.span.days) : missing_int32 + 1;
  std::unordered_set<std::int64_t> orders;
  auto event = static_cast<std::size_t>(std::lower_bound(days_.begin(), days_.end(), as_of) - days_.begin());
  while (event-- > 0 && days_[event] >= from) {
    if (filtered && !passes(plan, event)) continue;
    if (plan.span.orders > 0 || plan.per_order) {
      if (order_of(event) == missing_int64) continue;
      if (plan.span.orders > 0 && !orders.contains(order_of(event)) && std::ssize(orders) == plan.span.orders) {
        // A distinct order too many; older events may still belong to orders that count.
        continue;
      }
      if (plan.span.orders > 0) orders.insert(order_of(event));
    }
    selected_.push_back(event);
  }
}

WindowPoint WindowScan::point_of(const Plan& plan, std::size_t event) const {
  WindowPoint point{.day = days_[event], .known = true, .value = 1};
  if (plan.counts_events) return point;
  if (!plan.amount) {
    point.value = values_[plan.of][event];
    point.known = point.value != missing_int64;
    return point;
  }
  const std::int64_t price = values_[price_.index][event];
  const std::int64_t quantity = quantity_.given ? values_[quantity_.index][event] : 1;
  point.known = price != missing_int64 && quantity != missing_int64;
  if (point.known && __builtin_mul_overflow(price, quantity, &point.value))
    throw Error(ExitCode::bad_data, fmt::format("window {}: an amount leaves 64 bits", plan.name),
                "declare smaller scales");
  return point;
}

/// The points of the selected events, or of their orders, ascending by day.
void WindowScan::gather(const Plan& plan, std::vector<WindowPoint>& points) const {
  points.clear();
  std::unordered_map<std::int64_t, std::size_t> at;
  for (const std::size_t event : selected_) {
    const WindowPoint point = point_of(plan, event);
    if (plan.per_order) {
      const auto [place, is_new] = at.try_emplace(order_of(event), points.size());
      if (!is_new) {
        WindowPoint& order = points[place->second];
        if (point.known) order.value = (order.known ? order.value : 0) + point.value;
        order.known = order.known || point.known;
        continue;
      }
    }
    points.push_back(point);
  }
  std::reverse(points.begin(), points.end());
}

double WindowScan::evaluate(const Plan& plan, std::int32_t as_of) {
  if (plan.stat != "share") {
    select(plan, as_of, true);
    gather(plan, points_);
    return window_stat(plan.stat, points_, {}, as_of, plan.unit);
  }
  select(plan, as_of, false);
  gather(plan, all_points_);
  std::erase_if(selected_, [&](std::size_t event) { return !passes(plan, event); });
  gather(plan, points_);
  return window_stat(plan.stat, points_, all_points_, as_of, plan.unit);
}

std::vector<FeatureColumn> WindowScan::take(std::size_t date) {
  std::vector<FeatureColumn> columns;
  for (std::size_t w = 0; w < plans_.size(); ++w) {
    std::vector<double> values = std::exchange(results_[date][w], {});
    if (!is_whole(plans_[w].stat)) {
      columns.push_back({{plans_[w].name, ColumnType::float64}, std::move(values)});
      continue;
    }
    std::vector<std::int32_t> whole;
    for (const double value : values)
      whole.push_back(std::isnan(value) ? missing_int32 : static_cast<std::int32_t>(value));
    columns.push_back({{plans_[w].name, ColumnType::int32}, std::move(whole)});
  }
  return columns;
}

}  // namespace cohort
