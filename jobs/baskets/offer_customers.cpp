// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/offer_customers.hpp"

#include <algorithm>
#include <utility>

#include "core/aggregate.hpp"

namespace cohort {
namespace {

void sort_distinct(std::vector<std::int64_t>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

void append(std::vector<std::int64_t>& to, std::span<const std::int64_t> items) {
  to.insert(to.end(), items.begin(), items.end());
}

/// Takes one customer's baskets, which come by day.
class CustomerInMaking {
 public:
  CustomerInMaking(std::int64_t row, const OfferPeriod& period) : period_(period) { customer_.row = row; }

  [[nodiscard]] std::int64_t row() const { return customer_.row; }

  void add(std::int64_t day, std::span<const std::int64_t> items) {
    if (day >= period_.as_of) {
      if (day < period_.end) append(customer_.later, items);
      return;
    }
    for (const std::int64_t item : items) bought_.emplace_back(item, day);
    customer_.basis.assign(items.begin(), items.end());  // the last day stays
  }

  const OfferCustomer& made() {
    std::sort(bought_.begin(), bought_.end());
    for (std::size_t i = 0; i < bought_.size(); ++i) {
      if (i + 1 < bought_.size() && bought_[i + 1].first == bought_[i].first) continue;
      customer_.held.push_back(bought_[i].first);
      customer_.last_day.push_back(bought_[i].second);
    }
    if (!period_.last_day_only) customer_.basis = customer_.held;
    sort_distinct(customer_.basis);
    sort_distinct(customer_.later);
    return customer_;
  }

 private:
  const OfferPeriod& period_;
  OfferCustomer customer_;
  std::vector<std::pair<std::int64_t, std::int64_t>> bought_;  ///< item, day
};

struct LastDay {
  static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::min();
  std::int64_t day = none;
  void parts(Parts& p) { p.max(std::span(&day, 1)); }
};

}  // namespace

void each_customer(const StoreBaskets& days, std::int32_t shard, const OfferPeriod& period, BasketRows& counted,
                   const std::function<void(const OfferCustomer&)>& take) {
  std::optional<CustomerInMaking> customer;
  days.read_shard(
      shard,
      [&](int, const BasketOrigin& origin, std::span<const std::int64_t> items) {
        if (!customer || origin.customer != customer->row()) {
          if (customer) take(customer->made());
          customer.emplace(origin.customer, period);
        }
        customer->add(period.day_of(origin), items);
      },
      counted);
  if (customer) take(customer->made());
}

std::optional<std::int64_t> last_day(const StoreBaskets& days, const OfferPeriod& period, const Context& context) {
  const std::vector<std::int32_t>& shards = days.rows().shards;
  BasketRows unused;
  const auto look = [&](int, LastDay& last, std::int64_t i) {
    days.read_shard(
        shards[static_cast<std::size_t>(i)],
        [&](int, const BasketOrigin& origin, std::span<const std::int64_t>) {
          last.day = std::max(last.day, period.day_of(origin));
        },
        unused);
  };
  const std::int64_t day = aggregate(context, std::ssize(shards), LastDay{}, look).day;
  return day == LastDay::none ? std::nullopt : std::optional(day);
}

std::vector<std::int32_t> codes_of(const std::vector<std::int64_t>& keys, const ItemCodes& code_of,
                                   std::int64_t* unknown) {
  std::vector<std::int32_t> codes;
  for (const std::int64_t key : keys) {
    const std::int32_t code = code_of(key);
    if (code >= 0) {
      codes.push_back(code);
    } else if (unknown != nullptr) {
      ++*unknown;
    }
  }
  std::sort(codes.begin(), codes.end());
  return codes;
}

}  // namespace cohort
