// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/interests.hpp"

namespace cohort {

void Interests::Params::describe(Fields& fields) {
  fields({.name = "input", .text = "Event table to scan."}, input);
  fields({.name = "time", .text = "Date or timestamp of an event. An event without it does not count."}, time);
  fields({.name = "category",
          .text = "Category column of the events: the kind of goods, often joined from a lookup table at ingest. An "
                  "event without it does not count."},
         category);
  fields({.name = "quantity",
          .text = "Units bought, negative for a return; an event where it is missing adds no money. Empty: one each."},
         quantity);
  fields({.name = "price",
          .text = "Price of a unit; spend is quantity x price, exactly. An event where it is missing adds no money."},
         price);
  fields({.name = "min_share",
          .text = "A customer belongs to the category with the largest share of spend where that is at least this, "
                  "else to 'mixed'. Shares are of the categories on which more was spent than returned; customers "
                  "without any have no segment; equal shares go to the label that sorts first",
          .range = {0, 1}},
         min_share);
}

PurchaseColumns Interests::Params::roles() const {
  PurchaseColumns roles;
  roles.input = input;
  roles.time = time;
  roles.basket = category;
  roles.quantity = quantity;
  roles.price = price;
  return roles;
}

void Interests::Scan::add(const Purchase& purchase) {
  if (purchase.day >= as_of_ || purchase.order == missing_int64) return;
  const auto category = static_cast<std::size_t>(purchase.order);
  if (seen_[category] == 0) touched_.push_back(category);
  seen_[category] = 1;
  add_money(spend_[category], purchase.money);
}

void Interests::Scan::end() {
  Interest interest;
  for (const std::size_t category : touched_) {
    const std::int64_t spend = spend_[category];
    const auto code = static_cast<std::int32_t>(category);
    if (spend > 0) {
      ++interest.categories;
      add_money(interest.spend, spend);
      if (spend > interest.largest || (spend == interest.largest && code < interest.category)) {
        interest.largest = spend;
        interest.category = code;
      }
    }
    spend_[category] = 0;
    seen_[category] = 0;
  }
  touched_.clear();
  interests_.push_back(interest);
}

}  // namespace cohort
