// SPDX-License-Identifier: Apache-2.0
#include "algorithms/synthetic/synthetic_calendar.hpp"

#include <algorithm>
#include <array>

#include "core/column.hpp"

namespace cohort {
namespace {

// A retailer's week, Monday first, and year, January first.
constexpr std::array<double, 7> weekday_season = {-1, -0.75, -0.5, 0, 0.75, 1, 0.5};
constexpr std::array<double, 12> month_season = {-0.4, -0.6, -0.2, 0, 0, -0.2, -0.4, -0.2, 0, 0.2, 0.8, 1};

double weight_of(std::int32_t day, double weekly, double yearly) {
  const std::int64_t weekday = day + 3 - 7 * floor_div(day + 3, 7);  // 1970-01-01 was a Thursday
  const unsigned month = civil_from_days(day).month;
  return (1 + weekly * weekday_season[static_cast<std::size_t>(weekday)]) * (1 + yearly * month_season[month - 1]);
}

}  // namespace

SyntheticCalendar::SyntheticCalendar(std::int32_t first_day, std::int32_t days, double weekly, double yearly)
    : first_day_(first_day), before_{0} {
  for (std::int32_t day = first_day; day < first_day + days; ++day)
    before_.push_back(before_.back() + weight_of(day, weekly, yearly));
  const double scale = days / before_.back();
  for (double& time : before_) time *= scale;
  before_.back() = days;
}

std::int64_t SyntheticCalendar::second_of(double even_time) const {
  const auto next = std::upper_bound(before_.begin() + 1, before_.end() - 1, even_time);
  const double passed = (even_time - *(next - 1)) / (*next - *(next - 1));
  constexpr std::int64_t opening = 8 * 3600, open_seconds = 14 * 3600;
  const auto second = std::min(static_cast<std::int64_t>(passed * open_seconds), open_seconds - 1);
  return (first_day_ + (next - before_.begin() - 1)) * 86'400 + opening + second;
}

}  // namespace cohort
