// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace cohort {

/// Logical type of a column. What is kept per row is an int32, an int64, a double or text: see `Storage`.
enum class ColumnType { boolean, int32, int64, float64, date, timestamp, decimal, category, text };

/// Physical type of a column: three fixed widths and text (offsets and bytes).
enum class Storage { int32, int64, float64, text };

/// Coarsest unit in which every time of a column is a whole number. Times are UTC, counted from 1970-01-01.
enum class TimeUnit { day, hour, minute, second, millisecond, microsecond };

struct Column {
  std::string name;
  ColumnType type = ColumnType::int64;
  int scale = 0;                          ///< decimal only: value = stored / 10^scale
  TimeUnit unit = TimeUnit::microsecond;  ///< timestamp only

  bool operator==(const Column&) const = default;
};

/// Missing is a set value of each storage; a source value that equals it is a bad row.
inline constexpr std::int32_t missing_int32 = std::numeric_limits<std::int32_t>::min();
inline constexpr std::int64_t missing_int64 = std::numeric_limits<std::int64_t>::min();
inline constexpr std::uint64_t missing_float64_bits = 0x7FF8'0000'0000'07A2;  // R's NA payload, quiet
inline const double missing_float64 = std::bit_cast<double>(missing_float64_bits);

/// boolean, int32, date (days since 1970-01-01) and category (code) are int32; the rest as named.
[[nodiscard]] Storage storage_of(ColumnType type);
[[nodiscard]] int bytes_of(Storage storage);  ///< 4 or 8; 0 for text

[[nodiscard]] std::int64_t units_per_day(TimeUnit unit);
[[nodiscard]] std::int64_t microseconds_per(TimeUnit unit);
[[nodiscard]] std::int64_t power_of_ten(int exponent);  ///< 0 <= exponent <= 18
/// What stored integers are divided by to be values: 10^scale for decimals, else 1.
[[nodiscard]] double divisor_of(const Column& column);

/// "decimal(3)", "timestamp[minute]", "category": the spelling of a column's type in manifests and job files.
[[nodiscard]] std::string type_name(const Column& column);
/// Reads such a spelling into type, scale and unit; throws Error(bad_config) with the legal ones.
[[nodiscard]] Column parse_type(std::string name, std::string_view type);

[[nodiscard]] std::string_view name_of(TimeUnit unit);

/// Days since 1970-01-01 of a proleptic Gregorian date, and back (H. Hinnant, "chrono-compatible date algorithms").
[[nodiscard]] constexpr std::int32_t days_from_civil(int year, unsigned month, unsigned day) {
  year -= month <= 2 ? 1 : 0;
  const int era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<std::int32_t>(day_of_era) - 719468;
}

struct CivilDate {
  int year;
  unsigned month, day;
};
[[nodiscard]] constexpr CivilDate civil_from_days(std::int32_t days) {
  days += 719468;
  const std::int32_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted_month = (5 * day_of_year + 2) / 153;
  const unsigned month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const int year = static_cast<int>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0);
  return {year, month, day_of_year - (153 * shifted_month + 2) / 5 + 1};
}

[[nodiscard]] std::string iso_date(std::int32_t days);                  ///< 2011-12-09
[[nodiscard]] std::string iso_time(std::int64_t units, TimeUnit unit);  ///< 2011-12-09T12:50:00
[[nodiscard]] std::string decimal_text(std::int64_t value, int scale);  ///< 77183.6 for 77183600 at scale 3
[[nodiscard]] constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0);
}

}  // namespace cohort
