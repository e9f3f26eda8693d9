// SPDX-License-Identifier: Apache-2.0
#include "algorithms/features/windows.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <unordered_set>

#include "algorithms/features/features_date.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

__extension__ using Wide = __int128;

[[noreturn]] void fail(const std::string& window, const std::string& complaint, const std::string& advice) {
  throw Error(ExitCode::bad_config, fmt::format("window {}: {}", window, complaint), advice);
}

/// The sum of what is known, and how many there are.
struct Total {
  Wide sum = 0;
  std::int64_t count = 0;
};
Total total_of(std::span<const WindowPoint> points) {
  Total total;
  for (const WindowPoint& point : points) {
    if (!point.known) continue;
    total.sum += point.value;
    ++total.count;
  }
  return total;
}

double ratio(Wide part, Wide whole) {
  return whole == 0 ? missing_float64 : static_cast<double>(part) / static_cast<double>(whole);
}

double spread(std::span<const WindowPoint> points, double unit) {
  const Total total = total_of(points);
  if (total.count < 2) return missing_float64;
  const double mean = static_cast<double>(total.sum) / static_cast<double>(total.count);
  double squares = 0;
  for (const WindowPoint& point : points) {
    const double difference = static_cast<double>(point.value) - mean;
    if (point.known) squares += difference * difference;
  }
  return std::sqrt(squares / static_cast<double>(total.count - 1)) / unit;
}

template <class Better>
double extreme(std::span<const WindowPoint> points, double unit, const Better& better) {
  const WindowPoint* best = nullptr;
  for (const WindowPoint& point : points)
    if (point.known && (best == nullptr || better(point.value, best->value))) best = &point;
  return best == nullptr ? missing_float64 : static_cast<double>(best->value) / unit;
}

double distinct(std::span<const WindowPoint> points) {
  std::unordered_set<std::int64_t> seen;
  for (const WindowPoint& point : points)
    if (point.known) seen.insert(point.value);
  return static_cast<double>(seen.size());
}

/// Slope of the least-squares line through (day, total of the day), in units a day.
double trend(std::span<const WindowPoint> points, double unit) {
  std::vector<std::pair<double, double>> days;
  std::int32_t last = missing_int32;
  for (const WindowPoint& point : points) {
    if (!point.known) continue;
    if (days.empty() || point.day != last) days.emplace_back(point.day, 0.0);
    days.back().second += static_cast<double>(point.value);
    last = point.day;
  }
  if (days.size() < 2) return missing_float64;
  const auto n = static_cast<double>(days.size());
  double mean_day = 0, mean_value = 0;
  for (const auto& [day, value] : days) {
    mean_day += day / n;
    mean_value += value / n;
  }
  double across = 0, along = 0;
  for (const auto& [day, value] : days) {
    across += (day - mean_day) * (value - mean_value);
    along += (day - mean_day) * (day - mean_day);
  }
  return across / along / unit;
}

double gap(std::span<const WindowPoint> points) {
  std::int32_t days = 0;
  for (std::size_t i = 0; i < points.size(); ++i) days += i == 0 || points[i].day != points[i - 1].day ? 1 : 0;
  return days < 2 ? missing_float64 : static_cast<double>(points.back().day - points.front().day) / (days - 1);
}

}  // namespace

void Window::describe(Fields& fields) {
  fields({.name = "stat",
          .text = "Over the values of the events that count: count, how many are not missing (without `of`: how many "
                  "events); sum (0 of none); mean; sd, by n - 1; min; max; distinct, different values; share, sum of "
                  "the filtered over sum of all in the window (without `of`: of the events), missing where that is 0; "
                  "recency, days from the last event's date to as_of; gap, (last - first date) / (dates - 1); trend, "
                  "slope of the least-squares line through (date, the date's sum), in units a day. Missing where "
                  "there is nothing to take it of: sd, gap and trend need two",
          .choices = {"count", "sum", "mean", "sd", "min", "max", "distinct", "share", "recency", "gap", "trend"}},
         stat);
  fields({.name = "of",
          .text = "Column of the values; 'amount' is quantity x price. Integers, decimals, dates; for count and "
                  "distinct any type but text and float. Empty: each event is one"},
         of);
  fields({.name = "last",
          .text = "Which events: 'all' before as_of; '90d', those of the 90 days before it; '5 orders', those of the "
                  "last five distinct orders among the events that pass the filters (by their last events; for share, "
                  "among all)"},
         last);
  fields({.name = "per",
          .text = "order: values are first added up within each order, missing where none is known; an order has the "
                  "date of its last event in the window, and events without an order do not count",
          .choices = {"event", "order"}},
         per);
  fields({.name = "where",
          .text = "Filters by column, all of which must pass: 'web', 'web|shop', '!web' for a category; '<0', '>=2.5', "
                  "'10', '!10' for numbers and dates. Missing never passes"},
         where);
}

void Window::check(const std::string& name) const {
  (void)parse_span(name, last);
  const bool by_event = per == "event" && (stat == "mean" || stat == "sd");
  if (of.empty() && (stat == "min" || stat == "max" || stat == "distinct" || by_event))
    fail(name, fmt::format("{} needs values", stat), "name their column by `of`");
}

std::vector<std::string> Window::columns() const {
  std::vector<std::string> names;
  if (!of.empty() && of != "amount") names.push_back(of);
  for (const auto& [name, unused] : where) names.push_back(name);
  return names;
}

WindowSpan parse_span(const std::string& window, const std::string& last) {
  if (last == "all") return {};
  std::int32_t number = 0;
  const char* const text_end = last.data() + last.size();
  const auto [end, error] = std::from_chars(last.data(), text_end, number);
  const std::string_view unit(end, static_cast<std::size_t>(text_end - end));
  if (error == std::errc() && number > 0 && number <= 1'000'000) {
    if (unit == "d" || unit == " days") return {.days = number};
    if (unit == " orders" || unit == " order") return {.orders = number};
  }
  fail(window, fmt::format("last: '{}'", last), "write all, a number of days (90d) or of orders (5 orders)");
}

double window_stat(const std::string& stat, std::span<const WindowPoint> points, std::span<const WindowPoint> all,
                   std::int32_t as_of, double unit) {
  if (stat == "sd") return spread(points, unit);
  if (stat == "min") return extreme(points, unit, std::less<>());
  if (stat == "max") return extreme(points, unit, std::greater<>());
  if (stat == "distinct") return distinct(points);
  if (stat == "trend") return trend(points, unit);
  if (stat == "gap") return gap(points);
  if (stat == "recency") return points.empty() ? missing_float64 : static_cast<double>(as_of - points.back().day);
  const Total total = total_of(points);
  if (stat == "count") return static_cast<double>(total.count);
  if (stat == "share") return ratio(total.sum, total_of(all).sum);
  if (stat == "mean" && total.count == 0) return missing_float64;
  return static_cast<double>(total.sum) / (stat == "mean" ? static_cast<double>(total.count) * unit : unit);
}

}  // namespace cohort
