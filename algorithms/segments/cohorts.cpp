// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/cohorts.hpp"

#include <array>

#include "core/error.hpp"

namespace cohort {
namespace {

constexpr std::int32_t most_periods = 1200;  // 100 years of months: 46 MB of counts for each thread

constexpr std::int32_t months_of(Cohorts::Period period) {
  return period == Cohorts::Period::month ? 1 : period == Cohorts::Period::quarter ? 3 : 12;
}

}  // namespace

Cohorts::Period Cohorts::period_of(const std::string& name) {
  if (name == "week") return Period::week;
  if (name == "month") return Period::month;
  return name == "quarter" ? Period::quarter : Period::year;
}

std::int32_t Cohorts::number(Period period, std::int32_t day) {
  constexpr std::int32_t days_to_monday = 3;  // 1970-01-01 was a Thursday
  if (period == Period::week) return static_cast<std::int32_t>(floor_div(std::int64_t{day} + days_to_monday, 7));
  const CivilDate date = civil_from_days(day);
  const std::int64_t month = std::int64_t{date.year} * 12 + static_cast<std::int64_t>(date.month) - 1;
  return static_cast<std::int32_t>(floor_div(month, months_of(period)));
}

std::string Cohorts::name(Period period, std::int32_t number) {
  if (period == Period::week) return iso_date(number * 7 - 3);
  if (period == Period::year) return fmt::format("{:04}", number);
  const std::int32_t per_year = 12 / months_of(period);
  const auto year = static_cast<std::int32_t>(floor_div(number, per_year));
  const std::int32_t part = number - year * per_year + 1;
  return period == Period::quarter ? fmt::format("{:04}-Q{}", year, part) : fmt::format("{:04}-{:02}", year, part);
}

Cohorts::Table::Table(std::int32_t first_period, std::int32_t last_period)
    : first(first_period), periods(last_period - first_period + 1) {
  if (periods > most_periods)
    throw Error(
        ExitCode::bad_data,
        fmt::format("the events span {} periods, more than the {} a table of cohorts holds", periods, most_periods),
        "choose a longer period, or correct events with an impossible date");
  const std::size_t cells = static_cast<std::size_t>(periods) * static_cast<std::size_t>(periods);
  for (std::vector<std::int64_t>* counts : {&active, &orders, &money, &second}) counts->resize(cells);
}

void Cohorts::Table::parts(Parts& p) {
  for (std::vector<std::int64_t>* counts : {&active, &orders, &money, &second}) p.sum(*counts);
}

void Cohorts::Scan::start(std::int64_t) {
  known_ = false;
  orders_.clear();
}

void Cohorts::Scan::add(const Purchase& purchase) {
  if (purchase.day >= end_) return;
  if (!known_ || purchase.day != day_) {
    const std::int32_t period = number(period_, purchase.day);
    if (!known_) cohort_ = period;
    if (!known_ || period != now_) ++table_.active[table_.at(cohort_, period)];
    now_ = period;
    day_ = purchase.day;
    known_ = true;
  }
  const std::size_t cell = table_.at(cohort_, now_);
  add_money(table_.money[cell], purchase.money);
  if (purchase.order == missing_int64 || (orders_.size() > 0 && purchase.order == last_order_)) return;
  const std::int32_t before = orders_.size();
  orders_.insert(std::span(&purchase.order, 1));
  last_order_ = purchase.order;
  if (orders_.size() == before) return;
  ++table_.orders[cell];
  if (orders_.size() == 2) ++table_.second[cell];
}

}  // namespace cohort
