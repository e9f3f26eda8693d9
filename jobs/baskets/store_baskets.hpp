// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/store/event_table.hpp"
#include "jobs/baskets/item_map.hpp"
#include "jobs/customer_rows.hpp"

namespace cohort {

/// Which events of a dataset make baskets, and which make one.
struct StoreBasketParams {
  std::string table = "transactions";
  std::string basket = "basket";
  std::string session_gap = "30m";
  std::string item = "item";
  std::string time = "time";
  std::string from, until;

  void describe(Fields& f);
  [[nodiscard]] bool needs_time() const;
};

/// Rows that a pass left out, by reason.
struct BasketRows {
  std::atomic<std::int64_t> missing = 0, outside_period = 0, left_out = 0, without_category = 0;
};

/// Whose basket it is, and when it began.
struct BasketOrigin {
  std::int32_t shard = 0;
  std::int64_t customer = 0;  ///< row in the shard's customers table
  std::int64_t time = 0;      ///< in units of the time column; 0 where it is not read
  std::int64_t group = 0;     ///< value of the group column at its first event; 0 where there is none
};

/// Takes one basket; called from several threads. A worker gets all baskets of a customer one after the other, in the
/// order of the baskets' keys. Items may repeat.
using OriginSink = std::function<void(int worker, const BasketOrigin& origin, std::span<const std::int64_t> items)>;

/// The baskets of a dataset's customers.
class StoreBaskets {
 public:
  /// Collective. Opens the table of `rows`; throws Error(bad_config) for columns that make no baskets.
  StoreBaskets(const StoreBasketParams& params, CustomerRows rows, const std::string& group, const Context& context);

  /// Labels of the items; empty where they are whole numbers.
  [[nodiscard]] std::vector<std::string> item_labels() const;
  /// From here on items count as `items` says.
  void use(std::shared_ptr<const ItemMap> items) { items_ = std::move(items); }
  /// Local. Hands over the rank's baskets and counts the rows that are in none.
  void read(const OriginSink& sink, BasketRows& counted) const;
  /// Local. The same for one shard of this rank's, on the calling thread.
  void read_shard(std::int32_t shard, const OriginSink& sink, BasketRows& counted) const;

  [[nodiscard]] const CustomerRows& rows() const { return rows_; }
  [[nodiscard]] const Column& column(std::size_t at) const { return events_->columns()[at]; }
  [[nodiscard]] bool has_time() const { return time_at_.has_value(); }
  [[nodiscard]] const Column& time_column() const { return column(*time_at_); }
  [[nodiscard]] const Column& group_column() const { return column(*group_at_); }

 private:
  friend class CustomerBaskets;
  enum class By { column, customer, day, session };

  void read_block(std::int64_t block, int worker, EventTable::Reader& reader, const OriginSink& sink,
                  BasketRows& counted) const;
  static std::size_t at_of(const std::string& name, std::vector<std::string>& names);
  void check_columns() const;
  void set_period(const StoreBasketParams& params);

  StoreBasketParams params_;
  CustomerRows rows_;
  const Context& context_;
  std::unique_ptr<const ShardEventTable> events_;
  std::shared_ptr<const ItemMap> items_;
  By by_ = By::column;
  std::size_t basket_at_ = 0;
  std::optional<std::size_t> time_at_, group_at_;
  std::int64_t session_gap_ = 0, begin_, end_;  ///< events of [begin_, end_) count
};

}  // namespace cohort
