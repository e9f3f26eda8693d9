// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "algorithms/features/features.hpp"
#include "algorithms/features/features_distinct.hpp"
#include "core/block.hpp"

namespace cohort {

/// A column of results; the vector that is held follows `storage_of(column.type)`.
struct FeatureColumn {
  Column column;
  std::variant<std::vector<std::int32_t>, std::vector<std::int64_t>, std::vector<double>> values;
};

/// Latest time of the tile's events in column `time`, missing_int64 if there is none. The default of `as_of` is the day
/// after the latest over all tiles.
[[nodiscard]] std::int64_t latest_time(const EventTile& tile, const Column& column, const ColumnView& time);
/// The day after that of a time of the column, in days since 1970-01-01.
[[nodiscard]] std::int32_t day_after(std::int64_t time, const Column& column);

/// Computes the features of consecutive customers in one scan of their events. A customer may span any number of tiles;
/// memory grows only with the distinct baskets and items of a single customer (see KeySet) and the rows not yet taken.
class FeatureScan {
 public:
  /// The first day of the calendar.
  static constexpr std::int32_t first_day = days_from_civil(1, 1, 1);

  /// `columns` says what the tiles hold, in their order; only events of days [from, as_of), in days since 1970-01-01,
  /// count. Throws Error(bad_config) for a column that is absent or has an unfit type.
  FeatureScan(const Features::Params& params, std::span<const Column> columns, std::int32_t as_of,
              std::int32_t from = first_day);

  /// Adds the next tile. Throws Error(bad_data) if a customer's monetary value leaves int64.
  void add(const EventTile& tile);
  /// The features of the customers that ended since the last call, in order.
  [[nodiscard]] std::vector<FeatureColumn> take();
  [[nodiscard]] const Features::Events& events() const { return events_; }

 private:
  struct Role {
    std::size_t index = 0;  ///< into the tile's columns
    Column column;
  };
  /// What the tiles have shown of a customer's times so far, and in which terms: days or units of the column.
  struct Times {
    std::int64_t first = 0, last = 0, distinct = 0;
  };
  __extension__ using Wide = __int128;

  std::optional<Role> find(std::string_view role, const std::string& name, std::span<const Column> columns) const;
  template <class Time>
  void cut(std::span<const CustomerRun> runs, std::span<const Time> times);
  template <class Time>
  void number_dates(std::span<const Time> times);
  template <class Value, class Emit>
  void add_changes(const Value& value, Times& state, const Emit& emit);
  void emit_dates();
  template <class Key>
  void add_distinct(std::span<const Key> keys, KeySet& set, std::vector<std::int32_t>& counts);
  template <class Quantity, class Price>
  void add_money(const Quantity& quantities, std::span<const Price> prices);
  void emit_money(std::int64_t customer);
  [[nodiscard]] std::vector<double> take_mean_basket() const;

  std::int32_t as_of_;
  std::int64_t earliest_ = 0, from_ = 0, cutoff_ = 0;  ///< first legal time; times that count: [from_, cutoff_)
  std::optional<Role> time_, basket_, item_, quantity_, price_;
  int money_scale_ = 0;
  Features::Events events_;

  std::vector<CustomerRun> runs_;      ///< the tile's runs without the events that do not count
  std::vector<std::int32_t> days_;     ///< of each event of the tile
  std::vector<std::int32_t> changes_;  ///< at each event, how often the value has changed since the tile began
  Times dates_, times_seen_;
  KeySet baskets_, items_;
  Wide money_ = 0;

  std::vector<std::int32_t> recency_days_, frequency_, tenure_days_, distinct_items_;
  std::vector<std::int64_t> monetary_;
  std::vector<double> mean_gap_days_;
};

}  // namespace cohort
