// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "algorithms/segments/lifecycle.hpp"

#include <utility>

#include "core/error.hpp"

namespace cohort {

const std::array<std::string, Lifecycle::states>& Lifecycle::names() {
  static const std::array<std::string, states> all{"new", "returned", "active", "at_risk", "lapsed", "none"};
  return all;
}

void Lifecycle::Params::describe(Fields& fields) {
  constexpr Range days{1, 36'500};
  fields({.name = "new_days",
          .text = "new: the first event is at most so many days before the date. The first state that fits, of new, "
                  "returned, active, at_risk, lapsed, is a customer's",
          .range = days},
         new_days);
  fields({.name = "active_days",
          .text = "active: the last event is at most so many days before the date. returned: active, and at most "
                  "active_days ago came an event more than lapsed_days after the one before it",
          .range = days},
         active_days);
  fields({.name = "lapsed_days",
          .text = "at_risk: the last event is more than active_days and at most lapsed_days before the date; lapsed: "
                  "more. none: no event before the date",
          .range = days},
         lapsed_days);
}

void Lifecycle::Params::check() const {
  if (active_days < lapsed_days) return;
  throw Error(ExitCode::bad_config,
              fmt::format("active_days is {} and lapsed_days {}: nobody could be at risk", active_days, lapsed_days),
              "make lapsed_days the larger one");
}

Lifecycle::State Lifecycle::state_of(const Params& params, const Life& life, std::int32_t as_of) {
  if (life.first == missing_int32) return none;
  if (as_of - life.first <= params.new_days) return fresh;
  if (as_of - life.last > params.lapsed_days) return lapsed;
  if (as_of - life.last > params.active_days) return at_risk;
  return life.back != missing_int32 && as_of - life.back <= params.active_days ? returned : active;
}

Lifecycle::Scan::Scan(const Params& params, std::vector<std::int32_t> dates)
    : params_(params), dates_(std::move(dates)), lives_(dates_.size()) {}

void Lifecycle::Scan::start(std::int64_t) {
  next_date_ = 0;
  life_ = {};
  orders_.clear();
}

/// An event on a day closes the lives of the dates up to it: only what is before a date counts.
void Lifecycle::Scan::pass_dates(std::int32_t day) {
  for (; next_date_ < dates_.size() && dates_[next_date_] <= day; ++next_date_) {
    life_.orders = orders_.size();
    lives_[next_date_].push_back(life_);
  }
}

void Lifecycle::Scan::add(const Purchase& purchase) {
  pass_dates(purchase.day);
  if (next_date_ == dates_.size()) return;
  if (life_.first == missing_int32)
    life_.first = purchase.day;
  else if (purchase.day - life_.last > params_.lapsed_days)
    life_.back = purchase.day;
  life_.last = purchase.day;
  add_money(life_.money, purchase.money);
  orders_.insert(std::span(&purchase.order, 1));
}

void Lifecycle::Scan::end() {
  pass_dates(std::numeric_limits<std::int32_t>::max());
}

}  // namespace cohort
