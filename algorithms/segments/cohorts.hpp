// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/features/features_distinct.hpp"
#include "algorithms/features/purchases.hpp"
#include "core/parts.hpp"

namespace cohort {

/// Retention by acquisition cohort: customers by the period of their first event, followed period after period.
struct Cohorts {
  enum class Period { week, month, quarter, year };
  [[nodiscard]] static Period period_of(const std::string& name);

  /// Periods are numbered along the calendar, UTC; weeks begin on Monday.
  [[nodiscard]] static std::int32_t number(Period period, std::int32_t day);
  /// "2010-12-06" (a Monday), "2010-12", "2010-Q4", "2010".
  [[nodiscard]] static std::string name(Period period, std::int32_t number);

  /// Counts of all cohorts, [cohort][period] on the same axis of periods; all of them merge by adding.
  struct Table {
    std::int32_t first = 0, periods = 0;  ///< number of the first period, and how many there are
    std::vector<std::int64_t> active;     ///< customers with an event in the period
    std::vector<std::int64_t> orders;     ///< distinct orders, in the period of their first event
    std::vector<std::int64_t> money;      ///< at the scale of the purchases
    std::vector<std::int64_t> second;     ///< customers whose second order was in the period

    Table() = default;
    Table(std::int32_t first_period, std::int32_t last_period);
    void parts(Parts& p);
    [[nodiscard]] std::size_t at(std::int32_t cohort, std::int32_t period) const {
      return static_cast<std::size_t>(cohort - first) * static_cast<std::size_t>(periods) +
             static_cast<std::size_t>(period - first);
    }
    /// Customers of a cohort: all of them are active in its own period.
    [[nodiscard]] std::int64_t customers(std::int32_t cohort) const { return active[at(cohort, cohort)]; }
  };

  /// Adds customers to a table, for PurchaseReader. Only events before the day `end` count.
  class Scan {
   public:
    Scan(Period period, std::int32_t end, Table& table) : period_(period), end_(end), table_(table) {}
    void start(std::int64_t customer);
    void add(const Purchase& purchase);
    void end() {}

   private:
    Period period_;
    std::int32_t end_;
    Table& table_;
    bool known_ = false;
    std::int32_t day_ = 0, now_ = 0, cohort_ = 0;
    std::int64_t last_order_ = 0;
    KeySet orders_;
  };
};

}  // namespace cohort
