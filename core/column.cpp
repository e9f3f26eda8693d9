// SPDX-License-Identifier: Apache-2.0
#include "core/column.hpp"

#include <array>
#include <charconv>

#include "core/error.hpp"

namespace cohort {
namespace {

constexpr std::array<std::pair<std::string_view, ColumnType>, 9> type_names{{{"boolean", ColumnType::boolean},
                                                                             {"int32", ColumnType::int32},
                                                                             {"int64", ColumnType::int64},
                                                                             {"float64", ColumnType::float64},
                                                                             {"date", ColumnType::date},
                                                                             {"timestamp", ColumnType::timestamp},
                                                                             {"decimal", ColumnType::decimal},
                                                                             {"category", ColumnType::category},
                                                                             {"text", ColumnType::text}}};

constexpr std::array<std::string_view, 6> unit_names{"day", "hour", "minute", "second", "millisecond", "microsecond"};
constexpr int max_decimal_scale = 9;

[[noreturn]] void throw_unknown_type(std::string_view type) {
  throw Error(ExitCode::bad_config, fmt::format("'{}' is no column type", type),
              "use boolean, int32, int64, float64, date, timestamp, decimal(0..9), category or text");
}

TimeUnit parse_unit(std::string_view unit, std::string_view type) {
  for (std::size_t i = 0; i < unit_names.size(); ++i) {
    if (unit == unit_names[i]) return static_cast<TimeUnit>(i);
  }
  throw_unknown_type(type);
}

}  // namespace

Storage storage_of(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
    case ColumnType::int32:
    case ColumnType::date:
    case ColumnType::category: return Storage::int32;
    case ColumnType::int64:
    case ColumnType::timestamp:
    case ColumnType::decimal: return Storage::int64;
    case ColumnType::float64: return Storage::float64;
    case ColumnType::text: return Storage::text;
  }
  return Storage::int64;
}

int bytes_of(Storage storage) {
  switch (storage) {
    case Storage::int32: return 4;
    case Storage::int64:
    case Storage::float64: return 8;
    case Storage::text: return 0;
  }
  return 0;
}

std::int64_t microseconds_per(TimeUnit unit) {
  constexpr std::array<std::int64_t, 6> microseconds{86'400'000'000, 3'600'000'000, 60'000'000, 1'000'000, 1'000, 1};
  return microseconds[static_cast<std::size_t>(unit)];
}

std::int64_t units_per_day(TimeUnit unit) {
  return microseconds_per(TimeUnit::day) / microseconds_per(unit);
}

std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

double divisor_of(const Column& column) {
  return column.type == ColumnType::decimal ? static_cast<double>(power_of_ten(column.scale)) : 1.0;
}

std::string_view name_of(TimeUnit unit) {
  return unit_names[static_cast<std::size_t>(unit)];
}

std::string type_name(const Column& column) {
  if (column.type == ColumnType::decimal) return fmt::format("decimal({})", column.scale);
  if (column.type == ColumnType::timestamp) return fmt::format("timestamp[{}]", name_of(column.unit));
  for (const auto& [name, type] : type_names) {
    if (type == column.type) return std::string(name);
  }
  return "?";
}

Column parse_type(std::string name, std::string_view type) {
  Column column{.name = std::move(name)};
  const std::size_t open = type.find_first_of("([");
  const std::string_view word = type.substr(0, open);
  for (const auto& [known, value] : type_names) {
    if (word != known) continue;
    column.type = value;
    if (open == std::string_view::npos) return column;
    const std::string_view argument = type.substr(open + 1, type.size() - open - 2);
    if (value == ColumnType::timestamp && type[open] == '[' && type.back() == ']') {
      column.unit = parse_unit(argument, type);
      return column;
    }
    const auto [end, error] = std::from_chars(argument.data(), argument.data() + argument.size(), column.scale);
    const bool whole =
        error == std::errc{} && end == argument.data() + argument.size() && type[open] == '(' && type.back() == ')';
    if (value == ColumnType::decimal && whole && column.scale >= 0 && column.scale <= max_decimal_scale) return column;
    break;
  }
  throw_unknown_type(type);
}

std::string iso_date(std::int32_t days) {
  const CivilDate date = civil_from_days(days);
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

std::string iso_time(std::int64_t units, TimeUnit unit) {
  const std::int64_t per_day = units_per_day(unit);
  const std::int64_t day = floor_div(units, per_day);
  const std::int64_t microsecond = (units - day * per_day) * microseconds_per(unit);
  std::string text = iso_date(static_cast<std::int32_t>(day));
  if (unit == TimeUnit::day) return text;
  const std::int64_t second = microsecond / 1'000'000;
  text += fmt::format("T{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
  if (unit > TimeUnit::second) text += fmt::format(".{:06}", microsecond % 1'000'000);
  return text;
}

std::string decimal_text(std::int64_t value, int scale) {
  const std::uint64_t magnitude = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  const auto power = static_cast<std::uint64_t>(power_of_ten(scale));
  std::string text = fmt::format("{}{}", value < 0 ? "-" : "", magnitude / power);
  if (magnitude % power == 0) return text;
  std::string fraction = fmt::format("{:0{}}", magnitude % power, scale);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return text + "." + fraction;
}

}  // namespace cohort
