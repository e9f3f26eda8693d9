// SPDX-License-Identifier: Apache-2.0
#include "jobs/time_span.hpp"

#include <charconv>
#include <limits>
#include <map>
#include <string_view>

#include "core/error.hpp"

namespace cohort {
namespace {

std::int64_t units_per_day_of(const Column& times) {
  return times.type == ColumnType::date ? 1 : units_per_day(times.unit);
}

}  // namespace

std::int64_t span_in_units(const std::string& key, const std::string& text, const Column& times) {
  static const std::map<std::string, std::int64_t, std::less<>> seconds{
      {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 7 * 86400}};
  constexpr std::int64_t most = 1'000'000'000;
  std::int64_t number = -1;
  const char* last = text.data() + text.size();
  const auto [end, status] = std::from_chars(text.data(), last, number);
  const auto unit = seconds.find(std::string_view(end, static_cast<std::size_t>(last - end)));
  if (status != std::errc{} || number < 0 || number > most || unit == seconds.end()) {
    throw Error(ExitCode::bad_config, fmt::format("{}: '{}' is no span of time", key, text),
                "write it as 7d, 12h, 30m, 45s or 2w");
  }
  __extension__ using Wide = __int128;
  const Wide units = static_cast<Wide>(number) * unit->second * units_per_day_of(times);
  if (units % 86400 != 0 || units / 86400 > std::numeric_limits<std::int64_t>::max()) {
    throw Error(ExitCode::bad_config,
                fmt::format("{}: the times of column {} do not resolve {}", key, times.name, text),
                fmt::format("give a span that is whole in units of its type, {}", type_name(times)));
  }
  return static_cast<std::int64_t>(units / 86400);
}

std::int64_t day_in_units(std::int32_t day, const Column& times) {
  return day * units_per_day_of(times);
}

}  // namespace cohort
