// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "algorithms/baskets/transactions.hpp"
#include "jobs/baskets/store_baskets.hpp"

namespace cohort {

/// One customer's items, as keys ascending without repeats.
struct OfferCustomer {
  std::int64_t row = 0;                ///< in the shard's customers table
  std::vector<std::int64_t> held;      ///< bought before the offers are made
  std::vector<std::int64_t> last_day;  ///< of each of these: when they last bought it
  std::vector<std::int64_t> basis;     ///< of these, what the rules look at
  std::vector<std::int64_t> later;     ///< bought in the period after
};

/// Splits what customers bought by time. Days count from 1970-01-01.
struct OfferPeriod {
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  std::int64_t as_of = never;      ///< offers are made as this day begins
  std::int64_t end = never;        ///< the day after the period after
  std::int64_t units_per_day = 1;  ///< of the baskets' times
  bool last_day_only = false;      ///< the rules look at the last day before as_of

  [[nodiscard]] std::int64_t day_of(const BasketOrigin& origin) const { return floor_div(origin.time, units_per_day); }
};

/// Local. Calls `take` for each customer of a shard who bought anything in baskets of at most a day, in order.
void each_customer(const StoreBaskets& days, std::int32_t shard, const OfferPeriod& period, BasketRows& counted,
                   const std::function<void(const OfferCustomer&)>& take);

/// Collective. The day of the last basket of all ranks; nothing where there is none.
[[nodiscard]] std::optional<std::int64_t> last_day(const StoreBaskets& days, const OfferPeriod& period,
                                                   const Context& context);

/// Ascending codes of keys; the rest is counted.
[[nodiscard]] std::vector<std::int32_t> codes_of(const std::vector<std::int64_t>& keys, const ItemCodes& code_of,
                                                 std::int64_t* unknown = nullptr);

}  // namespace cohort
