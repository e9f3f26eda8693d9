// SPDX-License-Identifier: Apache-2.0
#include "algorithms/features/features.hpp"

namespace cohort {

std::vector<std::string> Features::Params::columns() const {
  std::vector<std::string> names;
  for (const std::string& name : {time, basket, item, quantity, price})
    if (!name.empty()) names.push_back(name);
  return names;
}

void Features::Params::describe(Fields& fields) {
  fields({.name = "input", .text = "Event table to scan."}, input);
  fields(
      {.name = "as_of",
       .text = "Date YYYY-MM-DD, UTC: only events before it count. Empty: the day after the last event. recency_days "
               "and tenure_days are the calendar days from a customer's last and first event to it; mean_gap_days is "
               "(last date - first date) / (distinct dates - 1), missing below two dates."},
      as_of);
  fields({.name = "time", .text = "Date or timestamp of an event. An event without it does not count."}, time);
  fields({.name = "basket",
          .text = "Purchase an event belongs to; frequency is the number of distinct ones, missing not counted. Empty: "
                  "frequency is the number of distinct times."},
         basket);
  fields({.name = "item",
          .text = "What was bought; distinct_items is the number of distinct ones, missing not counted. Empty: no "
                  "distinct_items."},
         item);
  fields({.name = "quantity",
          .text =
              "Units bought, negative for a return; an event where it is missing adds no money. Empty: one unit each."},
         quantity);
  fields(
      {.name = "price",
       .text = "Price of one unit; monetary is the exact sum of quantity x price, mean_basket is monetary / frequency "
               "(missing if frequency is 0). An event where it is missing adds no money. Empty: no monetary, no "
               "mean_basket."},
      price);
}

}  // namespace cohort
