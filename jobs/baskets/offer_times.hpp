// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "jobs/baskets/next_offer_job.hpp"
#include "jobs/baskets/offer_customers.hpp"

namespace cohort {

/// When offers are made, and what is known then.
struct OfferTimes {
  OfferPeriod period;
  std::optional<std::int64_t> last_day;  ///< with an event, since 1970-01-01; where it matters
  std::string as_of;                     ///< a date; empty: unknown
};

/// Collective. `days` are opened as the customers' items are read. With `within` and no as_of, offers are made the day
/// after the last event. Throws Error(bad_data) on all ranks for a horizon that the events do not cover.
[[nodiscard]] OfferTimes offer_times(const NextOfferJob::Params& params, const StoreBaskets& days,
                                     const Context& context);

/// The days of a span like 28d or 8w. Throws Error(bad_config) naming `key` for any that is not whole and above 0.
[[nodiscard]] std::int64_t whole_days(const std::string& key, const std::string& text);

}  // namespace cohort
