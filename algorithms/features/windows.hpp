// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/column.hpp"
#include "core/fields.hpp"

namespace cohort {

/// One feature of the window grammar: a figure of the events that lie in a window before a date and pass filters.
struct Window {
  std::string stat = "count", of, last = "all", per = "event";
  std::map<std::string, std::string> where;
  void describe(Fields& fields);

  /// Throws Error(bad_config) for what is wrong whatever the table holds; `name` is the window's.
  void check(const std::string& name) const;
  /// Columns it reads beside the roles of the scan; "amount" is none.
  [[nodiscard]] std::vector<std::string> columns() const;
};

/// `last`: so many days or orders; neither for all.
struct WindowSpan {
  std::int32_t days = 0, orders = 0;
};
/// Throws Error(bad_config) for a text other than all, 90d, 12 orders.
[[nodiscard]] WindowSpan parse_span(const std::string& window, const std::string& last);

/// What is added up for each event or order: its day, its value at the scale of the column, and whether it has one.
struct WindowPoint {
  std::int32_t day = 0;
  bool known = false;
  std::int64_t value = 0;
};
/// The figure `stat` of the points, which ascend by day; `unit` turns stored values into numbers. NaN for missing.
/// `all` are the points before filters, for share.
[[nodiscard]] double window_stat(const std::string& stat, std::span<const WindowPoint> points,
                                 std::span<const WindowPoint> all, std::int32_t as_of, double unit);

}  // namespace cohort
