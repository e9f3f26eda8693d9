// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "algorithms/features/features.hpp"
#include "algorithms/features/features_scan.hpp"
#include "algorithms/features/row_filter.hpp"
#include "algorithms/features/windows.hpp"
#include "core/block.hpp"

namespace cohort {

/// The columns that a scan of these features and windows reads.
[[nodiscard]] std::vector<std::string> window_columns(const Features::Params& roles,
                                                      const std::map<std::string, Window>& windows);

/// Computes windows of consecutive customers on several dates in one scan. A customer's events are kept until the last
/// one has come, so memory grows with the longest of them: 8 bytes an event and column.
class WindowScan {
 public:
  /// Labels of a category column, sorted.
  using Labels = std::function<std::vector<std::string>(const std::string& column)>;

  /// Throws Error(bad_config) for a window that does not fit the columns.
  WindowScan(const Features::Params& roles, const std::map<std::string, Window>& windows,
             std::span<const Column> columns, const Labels& labels, std::vector<std::int32_t> dates);

  void add(const EventTile& tile);
  /// The windows on one date, in the order of their names, of the customers that ended since its last call.
  [[nodiscard]] std::vector<FeatureColumn> take(std::size_t date);

 private:
  /// How a window gets at its values.
  struct Plan {
    std::string name, stat;
    WindowSpan span;
    std::vector<RowFilter> filters;
    bool counts_events = false, amount = false, per_order = false;
    std::size_t of = 0;  ///< column of the values, where it is one
    double unit = 1;
  };
  struct Role {
    bool given = false;
    std::size_t index = 0;
  };

  [[nodiscard]] Plan plan_of(const std::string& name, const Window& window, const Labels& labels) const;
  void plan_values(const Window& window, Plan& plan) const;
  [[nodiscard]] std::size_t column_of(const std::string& window, const std::string& name) const;
  [[nodiscard]] Role role_of(const std::string& name) const;
  void keep(const EventTile& tile, const CustomerRun& run);
  void finish_customer();
  [[nodiscard]] double evaluate(const Plan& plan, std::int32_t as_of);
  [[nodiscard]] bool passes(const Plan& plan, std::size_t event) const;
  [[nodiscard]] std::int64_t order_of(std::size_t event) const { return values_[order_][event]; }
  [[nodiscard]] WindowPoint point_of(const Plan& plan, std::size_t event) const;
  void select(const Plan& plan, std::int32_t as_of, bool filtered);
  void gather(const Plan& plan, std::vector<WindowPoint>& points) const;

  std::vector<Column> columns_;
  std::vector<std::int32_t> dates_;
  std::size_t time_ = 0, order_ = 0;
  Role quantity_, price_;
  std::int64_t units_per_day_ = 1;
  std::vector<Plan> plans_;

  std::vector<std::int32_t> days_;                 ///< of the customer's events that have a time
  std::vector<std::vector<std::int64_t>> values_;  ///< [column][event]
  std::vector<std::size_t> selected_;
  std::vector<WindowPoint> points_, all_points_;
  std::vector<std::vector<std::vector<double>>> results_;  ///< [date][window][customer]
};

}  // namespace cohort
