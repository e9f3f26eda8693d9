// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/offer_customers.hpp"

#include <algorithm>

namespace cohort {
namespace {

void sort_distinct(std::vector<std::int64_t>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

void append(std::vector<std::int64_t>& to, std::span<const std::int64_t> items) {
  to.insert(to.end(), items.begin(), items.end());
}

}  // namespace

void each_customer(const StoreBaskets& days, std::int32_t shard, const OfferPeriod& period, BasketRows& counted,
                   const std::function<void(const OfferCustomer&)>& take) {
  OfferCustomer customer{.row = -1};
  const auto finish = [&] {
    if (customer.row < 0) return;
    if (!period.last_day_only) customer.basis = customer.held;
    for (std::vector<std::int64_t>* items : {&customer.held, &customer.basis, &customer.later}) sort_distinct(*items);
    take(customer);
  };
  days.read_shard(
      shard,
      [&](int, const BasketOrigin& origin, std::span<const std::int64_t> items) {
        if (origin.customer != customer.row) {
          finish();
          customer = {.row = origin.customer};
        }
        if (origin.time >= period.as_of) {
          if (origin.time < period.end) append(customer.later, items);
          return;
        }
        append(customer.held, items);
        customer.basis.assign(items.begin(), items.end());  // days come in order: the last one stays
      },
      counted);
  finish();
}

}  // namespace cohort
