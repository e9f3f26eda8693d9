// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/offer_times.hpp"

#include "algorithms/features/features_date.hpp"
#include "core/collectively.hpp"
#include "core/error.hpp"
#include "jobs/time_span.hpp"

namespace cohort {
namespace {

std::string date_of(std::int64_t day) {
  return iso_date(static_cast<std::int32_t>(day));
}

/// A test over days without events would count as wrong what nobody could buy yet.
void check_covered(const std::string& table, const OfferPeriod& period, std::optional<std::int64_t> last) {
  if (last && *last + 1 >= period.end) return;
  const std::string what = fmt::format("horizon: the test runs to {}, but the last event of {} is of {}",
                                       date_of(period.end - 1), table, last ? date_of(*last) : "no day");
  if (!last) throw Error(ExitCode::bad_data, what, "ingest events, or remove horizon");
  const std::int64_t covered = *last + 1 - period.as_of;
  throw Error(
      ExitCode::bad_data, what,
      fmt::format("set {}as_of to {} or earlier", covered > 0 ? fmt::format("horizon to {}d, or ", covered) : "",
                  date_of(*last + 1 - (period.end - period.as_of))));
}

}  // namespace

OfferTimes offer_times(const NextOfferJob::Params& params, const StoreBaskets& days, const Context& context) {
  OfferTimes times{.period = {.last_day_only = params.look_at == "last_day"}, .last_day = {}, .as_of = params.as_of};
  OfferPeriod& period = times.period;
  collectively(context.comm, [&] {
    if (days.has_time()) period.units_per_day = day_in_units(1, days.time_column());
    if (!params.as_of.empty()) period.as_of = date_from_iso(params.as_of, "as_of");
    if (!params.horizon.empty()) period.end = period.as_of + whole_days("horizon", params.horizon);
  });
  if (params.horizon.empty() && params.within.empty()) return times;
  times.last_day = last_day(days, period, context);
  if (!params.horizon.empty())
    collectively(context.comm, [&] { check_covered(params.source.store.table, period, times.last_day); });
  if (params.as_of.empty() && times.last_day) {
    period.as_of = *times.last_day + 1;
    times.as_of = date_of(period.as_of);
  }
  return times;
}

std::int64_t whole_days(const std::string& key, const std::string& text) {
  const std::int64_t day = units_per_day(TimeUnit::second);
  const std::int64_t span = span_in_units(key, text, {.type = ColumnType::timestamp, .unit = TimeUnit::second});
  if (span > 0 && span % day == 0) return span / day;
  throw Error(ExitCode::bad_config, fmt::format("{}: '{}' is no whole number of days above 0", key, text),
              "write it as 28d or 8w");
}

}  // namespace cohort
