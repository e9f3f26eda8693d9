// SPDX-License-Identifier: Apache-2.0
#include "core/column.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

#include "core/error.hpp"

namespace cohort {
namespace {

TEST(Column, EveryDayOfTheCommonEraRoundTrips) {
  // The standard library's calendar is the oracle.
  const auto first = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
  const auto last = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31);
  std::int64_t wrong = 0;
  for (auto day = first; day <= last; day += std::chrono::days(1)) {
    const std::chrono::year_month_day date(day);
    const auto number = static_cast<std::int32_t>(day.time_since_epoch().count());
    const auto year = static_cast<int>(date.year());
    const auto month = static_cast<unsigned>(date.month()), day_of_month = static_cast<unsigned>(date.day());
    const CivilDate back = civil_from_days(number);
    const bool right = days_from_civil(year, month, day_of_month) == number && back.year == year &&
                       back.month == month && back.day == day_of_month;
    if (!right) ++wrong;
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ((last - first).count() + 1, 3'652'059);
}

TEST(Column, IsoDates) {
  EXPECT_EQ(iso_date(0), "1970-01-01");
  EXPECT_EQ(iso_date(-1), "1969-12-31");
  EXPECT_EQ(iso_date(15317), "2011-12-09");
  EXPECT_EQ(iso_date(days_from_civil(1, 1, 1)), "0001-01-01");
  EXPECT_EQ(iso_date(days_from_civil(2000, 2, 29)), "2000-02-29");
}

TEST(Column, IsoTimesBeforeAndAfterTheEpochInEveryUnit) {
  EXPECT_EQ(iso_time(15317, TimeUnit::day), "2011-12-09");
  EXPECT_EQ(iso_time(-1, TimeUnit::hour), "1969-12-31T23:00:00");
  EXPECT_EQ(iso_time(15317 * 1440 + 770, TimeUnit::minute), "2011-12-09T12:50:00");
  EXPECT_EQ(iso_time(-1, TimeUnit::second), "1969-12-31T23:59:59");
  EXPECT_EQ(iso_time(-1, TimeUnit::millisecond), "1969-12-31T23:59:59.999000");
  EXPECT_EQ(iso_time(-1, TimeUnit::microsecond), "1969-12-31T23:59:59.999999");
  EXPECT_EQ(iso_time(0, TimeUnit::microsecond), "1970-01-01T00:00:00.000000");
}

TEST(Column, UnitsAgree) {
  for (const TimeUnit unit : {TimeUnit::day, TimeUnit::hour, TimeUnit::minute, TimeUnit::second, TimeUnit::millisecond,
                              TimeUnit::microsecond}) {
    EXPECT_EQ(units_per_day(unit) * microseconds_per(unit), 86'400'000'000) << name_of(unit);
  }
}

TEST(Column, FloorDivisionRoundsDown) {
  EXPECT_EQ(floor_div(7, 2), 3);
  EXPECT_EQ(floor_div(-7, 2), -4);
  EXPECT_EQ(floor_div(-8, 2), -4);
  EXPECT_EQ(floor_div(7, -2), -4);
  EXPECT_EQ(floor_div(0, 5), 0);
  EXPECT_EQ(floor_div(std::numeric_limits<std::int64_t>::min(), 86400), -106'751'991'167'301);
}

TEST(Column, DecimalTextIsExactAndShort) {
  EXPECT_EQ(decimal_text(77'183'600, 3), "77183.6");
  EXPECT_EQ(decimal_text(0, 2), "0");
  EXPECT_EQ(decimal_text(-5, 2), "-0.05");
  EXPECT_EQ(decimal_text(-100, 2), "-1");
  EXPECT_EQ(decimal_text(123, 0), "123");
  EXPECT_EQ(decimal_text(1, 9), "0.000000001");
  EXPECT_EQ(decimal_text(std::numeric_limits<std::int64_t>::min(), 0), "-9223372036854775808");
  EXPECT_EQ(decimal_text(std::numeric_limits<std::int64_t>::max(), 9), "9223372036.854775807");
}

TEST(Column, PowersOfTen) {
  EXPECT_EQ(power_of_ten(0), 1);
  EXPECT_EQ(power_of_ten(18), 1'000'000'000'000'000'000);
}

TEST(Column, TypeNamesRoundTrip) {
  for (const std::string type :
       {"boolean", "int32", "int64", "float64", "date", "category", "text", "decimal(0)", "decimal(3)", "decimal(9)",
        "timestamp[day]", "timestamp[minute]", "timestamp[microsecond]"}) {
    const Column column = parse_type("name", type);
    EXPECT_EQ(type_name(column), type);
    EXPECT_EQ(column.name, "name");
  }
  EXPECT_EQ(type_name(parse_type("t", "timestamp")), "timestamp[microsecond]");
}

TEST(Column, IllegalTypesAreRefused) {
  for (const std::string type : {"",
                                 "int",
                                 "INT64",
                                 "int64 ",
                                 "float",
                                 "decimal(",
                                 "decimal()",
                                 "decimal(10)",
                                 "decimal(-1)",
                                 "decimal(1.5)",
                                 "decimal(2]",
                                 "decimal[2)",
                                 "decimal[2]",
                                 "decimal(2)x",
                                 "decimal(2))",
                                 "timestamp[",
                                 "timestamp[]",
                                 "timestamp[year]",
                                 "timestamp(minute)",
                                 "timestamp[minute)",
                                 "timestamp[minute]]",
                                 "int32(4)",
                                 "date[day]"}) {
    try {
      const Column column = parse_type("c", type);
      ADD_FAILURE() << "'" << type << "' was read as " << type_name(column);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::bad_config) << type;
      EXPECT_NE(std::string(error.what()).find("'" + type + "'"), std::string::npos) << error.what();
      EXPECT_FALSE(error.next().empty());
    }
  }
}

TEST(Column, StorageOfEveryType) {
  constexpr std::array four{ColumnType::boolean, ColumnType::int32, ColumnType::date, ColumnType::category};
  for (const ColumnType type : four) EXPECT_EQ(bytes_of(storage_of(type)), 4);
  constexpr std::array eight{ColumnType::int64, ColumnType::timestamp, ColumnType::decimal, ColumnType::float64};
  for (const ColumnType type : eight) EXPECT_EQ(bytes_of(storage_of(type)), 8);
  EXPECT_EQ(bytes_of(storage_of(ColumnType::text)), 0);
}

TEST(Column, MissingFloatIsAQuietNanOfItsOwn) {
  EXPECT_NE(missing_float64, missing_float64);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(missing_float64), missing_float64_bits);
  EXPECT_NE(missing_float64_bits, std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN()));
}

}  // namespace
}  // namespace cohort
