// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/block.hpp"
#include "core/fields.hpp"

namespace cohort {

/// Which columns of an event table say when, in which order and for how much somebody bought.
struct PurchaseColumns {
  std::string input = "transactions";
  std::string time = "time", basket = "basket", quantity = "quantity", price = "price";

  void describe(Fields& fields);
  /// The columns a scan reads; a role set to "" is left out.
  [[nodiscard]] std::vector<std::string> columns() const;
};

/// One event. Without a basket column each time is an order of its own.
struct Purchase {
  std::int32_t day = 0;    ///< since 1970-01-01, UTC
  std::int64_t order = 0;  ///< missing_int64 for none
  std::int64_t money = 0;  ///< quantity x price at scale `money_scale`; 0 where one of them is missing
};

/// Decodes tiles of events into purchases.
class PurchaseReader {
 public:
  /// Throws Error(bad_config) for a column that is absent or has an unfit type.
  PurchaseReader(const PurchaseColumns& roles, std::span<const Column> columns);

  /// Decimals of the money.
  [[nodiscard]] int money_scale() const { return money_scale_; }
  /// Events that had no time, so far.
  [[nodiscard]] std::int64_t without_time() const { return without_time_; }

  /// Hands the customers of a tile to `customer`, in order, by start(row), add(purchase) and end(). Purchases come by
  /// time; events without a time are left out. Throws Error(bad_data) where money leaves int64.
  template <class Customer>
  void read(const EventTile& tile, Customer& customer) {
    decode(tile);
    for (const CustomerRun& run : tile.runs) {
      if (run.starts) customer.start(run.customer);
      for (auto i = static_cast<std::size_t>(run.begin); i < static_cast<std::size_t>(run.end); ++i) {
        if (timed_[i] != 0)
          customer.add(purchases_[i]);
        else
          ++without_time_;
      }
      if (run.ends) customer.end();
    }
  }

 private:
  struct Role {
    bool given = false;
    std::size_t index = 0;
    Column column;
  };
  [[nodiscard]] static Role find(std::string_view key, const std::string& name, std::span<const Column> columns,
                                 bool required);
  void decode(const EventTile& tile);
  void decode_times(const ColumnView& times);
  void multiply(std::size_t event, std::int64_t factor);

  Role time_, basket_, quantity_, price_;
  std::int64_t units_per_day_ = 1;
  int money_scale_ = 0;
  std::int64_t without_time_ = 0;
  std::vector<Purchase> purchases_;  ///< of the tile
  std::vector<std::uint8_t> timed_;
};

/// Adds money without a wrap; throws Error(bad_data).
void add_money(std::int64_t& sum, std::int64_t money);
/// Money of a decimal scale as a number.
[[nodiscard]] double money_value(std::int64_t money, int scale);

}  // namespace cohort
