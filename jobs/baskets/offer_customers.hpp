// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "algorithms/baskets/transactions.hpp"
#include "jobs/baskets/store_baskets.hpp"

namespace cohort {

/// One customer's items, as keys ascending without repeats.
struct OfferCustomer {
  std::int64_t row = 0;             ///< in the shard's customers table
  std::vector<std::int64_t> held;   ///< bought before the offers are made
  std::vector<std::int64_t> basis;  ///< of these, what the rules look at
  std::vector<std::int64_t> later;  ///< bought in the period after
};

/// Splits what customers bought by time.
struct OfferPeriod {
  std::int64_t as_of = std::numeric_limits<std::int64_t>::max();  ///< offers are made at this time
  std::int64_t end = std::numeric_limits<std::int64_t>::max();    ///< end of the period after
  bool last_day_only = false;                                     ///< the rules look at the last day before as_of
};

/// Local. Calls `take` for each customer of a shard who bought anything in baskets of at most a day, in order.
void each_customer(const StoreBaskets& days, std::int32_t shard, const OfferPeriod& period, BasketRows& counted,
                   const std::function<void(const OfferCustomer&)>& take);

}  // namespace cohort
