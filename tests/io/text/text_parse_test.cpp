// SPDX-License-Identifier: Apache-2.0
#include "io/text/text_parse.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "core/error.hpp"

namespace cohort {
namespace {

using enum ParseStatus;

struct Int64Case {
  const char* text;
  ParseStatus status;
  std::int64_t value = missing_int64;
};

TEST(ParseInt64, Spellings) {
  const Int64Case cases[] = {{"0", ok, 0},
                             {"7", ok, 7},
                             {"-3", ok, -3},
                             {"+4", ok, 4},
                             {"12345678", ok, 12345678},
                             {"123456789", ok, 123456789},
                             {" 12\t", ok, 12},
                             {"17850.0", ok, 17850},
                             {"17850.", ok, 17850},
                             {"-17850.000000000", ok, -17850},
                             {"007", ok, 7},
                             {"", missing},
                             {"  ", missing},
                             {"17850.5", not_an_integer},
                             {"a", not_an_integer},
                             {"1 2", not_an_integer},
                             {"-", not_an_integer},
                             {"+", not_an_integer},
                             {".", not_an_integer},
                             {"--1", not_an_integer},
                             {"1e3", not_an_integer},
                             {"1234567a", not_an_integer},
                             {"1.2.3", not_an_integer},
                             {"0x10", not_an_integer},
                             {"\xC3\xA9", not_an_integer},
                             {"9223372036854775807", ok, 9223372036854775807},
                             {"9223372036854775808", out_of_range},
                             {"-9223372036854775807", ok, -9223372036854775807},
                             {"-9223372036854775808", missing_value},
                             {"-9223372036854775809", out_of_range},
                             {"99999999999999999999999", out_of_range}};
  for (const Int64Case& c : cases) {
    std::int64_t value = 1;
    EXPECT_EQ(parse_int64(c.text, value), c.status) << c.text;
    EXPECT_EQ(value, c.value) << c.text;
  }
}

TEST(ParseInt64, EveryLengthAndEveryWrongByte) {
  std::mt19937_64 random(42);
  for (int i = 0; i < 20000; ++i) {
    const auto wanted = static_cast<std::int64_t>(random()) >> random() % 64;
    std::string text = std::to_string(wanted);
    std::int64_t value = 0;
    EXPECT_EQ(parse_int64(text, value), ok);
    EXPECT_EQ(value, wanted);
    const std::size_t place = random() % text.size();
    const auto wrong = static_cast<char>(random());
    if (std::string_view("0123456789+-. \t").find(wrong) != std::string_view::npos) continue;
    text[place] = wrong;
    EXPECT_EQ(parse_int64(text, value), not_an_integer) << text;
  }
}

TEST(ParseInt32, RangeAndMissing) {
  std::int32_t value = 0;
  EXPECT_EQ(parse_int32("2147483647", value), ok);
  EXPECT_EQ(value, 2147483647);
  EXPECT_EQ(parse_int32("-2147483647", value), ok);
  EXPECT_EQ(parse_int32("-2147483648", value), missing_value);
  EXPECT_EQ(value, missing_int32);
  EXPECT_EQ(parse_int32("2147483648", value), out_of_range);
  EXPECT_EQ(parse_int32("-9223372036854775808", value), out_of_range);
  EXPECT_EQ(parse_int32("", value), missing);
  EXPECT_EQ(parse_int32("x", value), not_an_integer);
}

TEST(ParseDecimal, IsExact) {
  struct {
    const char* text;
    int scale;
    ParseStatus status;
    std::int64_t value = missing_int64;
  } const cases[] = {{"2.55", 3, ok, 2550},
                     {"2.55", 2, ok, 255},
                     {"2.55", 1, too_many_digits},
                     {"2.50", 1, ok, 25},
                     {"-0.05", 2, ok, -5},
                     {".5", 1, ok, 5},
                     {"5.", 1, ok, 50},
                     {"+1.5", 1, ok, 15},
                     {" 1.5 ", 1, ok, 15},
                     {"12", 2, ok, 1200},
                     {"12345.67", 2, ok, 1234567},
                     {"123456.78", 2, ok, 12345678},
                     {"-99999999.99", 2, ok, -9999999999},
                     {"99999999", 10, ok, 999999990000000000},
                     {"1", 18, ok, 1'000'000'000'000'000'000},
                     {"10", 18, out_of_range},
                     {"9223372036854775.807", 3, ok, 9223372036854775807},
                     {"9223372036854775.808", 3, out_of_range},
                     {"-9223372036854775.808", 3, missing_value},
                     {"", 2, missing},
                     {" ", 2, missing},
                     {"-", 2, not_a_number},
                     {".", 2, not_a_number},
                     {"-.", 2, not_a_number},
                     {"1.2.3", 2, not_a_number},
                     {"1,5", 2, not_a_number},
                     {"1..5", 2, not_a_number},
                     {"1e2", 2, not_a_number},
                     {"0.001x", 2, not_a_number},
                     {"- 1", 2, not_a_number}};
  for (const auto& c : cases) {
    std::int64_t value = 1;
    EXPECT_EQ(parse_decimal(c.text, c.scale, value), c.status) << c.text;
    EXPECT_EQ(value, c.value) << c.text;
  }
}

TEST(ParseDecimal, EveryLengthAgainstItsOwnSpelling) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    const auto wanted = static_cast<std::int64_t>(random()) >> random() % 64;
    const auto scale = static_cast<int>(random() % 19);
    if (wanted == missing_int64) continue;
    std::int64_t value = 0;
    EXPECT_EQ(parse_decimal(decimal_text(wanted, scale), scale, value), ok) << decimal_text(wanted, scale);
    EXPECT_EQ(value, wanted);
  }
}

TEST(ParseFloat64, NumbersOnly) {
  double value = 0;
  EXPECT_EQ(parse_float64("1e-3", value), ok);
  EXPECT_EQ(value, 1e-3);
  EXPECT_EQ(parse_float64(" +2.5 ", value), ok);
  EXPECT_EQ(value, 2.5);
  EXPECT_EQ(parse_float64("0.1", value), ok);
  EXPECT_EQ(value, 0.1);
  EXPECT_EQ(parse_float64("1e999", value), out_of_range);
  for (const char* text : {"nan", "NaN", "inf", "-Infinity"}) EXPECT_EQ(parse_float64(text, value), not_finite) << text;
  for (const char* text : {"x", "1,5", "+-1", "+", "1 2", "--1", "0x10"})
    EXPECT_EQ(parse_float64(text, value), not_a_number) << text;
  EXPECT_EQ(parse_float64("", value), missing);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(value), missing_float64_bits);
}

TEST(ParseBoolean, AllSpellings) {
  std::int32_t value = 7;
  for (const char* text : {"1", "t", "T", "yes", "YES", " true ", "True"}) {
    EXPECT_EQ(parse_boolean(text, value), ok) << text;
    EXPECT_EQ(value, 1) << text;
  }
  for (const char* text : {"0", "f", "No", "FALSE"}) {
    EXPECT_EQ(parse_boolean(text, value), ok) << text;
    EXPECT_EQ(value, 0) << text;
  }
  for (const char* text : {"2", "y", "tru", "truee", "10"})
    EXPECT_EQ(parse_boolean(text, value), not_a_boolean) << text;
  EXPECT_EQ(parse_boolean("", value), missing);
  EXPECT_EQ(value, missing_int32);
}

TEST(ParseTimes, UnitsAreExact) {
  const TimeFormat minutes("%Y-%m-%d %H:%M");
  std::int64_t value = 0;
  std::int32_t day = 0;
  EXPECT_EQ(parse_timestamp("1970-01-02 00:30", minutes, TimeUnit::minute, value), ok);
  EXPECT_EQ(value, 1470);
  EXPECT_EQ(parse_timestamp(" 1969-12-31 23:59 ", minutes, TimeUnit::minute, value), ok);
  EXPECT_EQ(value, -1);
  EXPECT_EQ(parse_timestamp("1969-12-31 23:59", minutes, TimeUnit::hour, value), too_fine);
  EXPECT_EQ(value, missing_int64);
  EXPECT_EQ(parse_timestamp("", minutes, TimeUnit::minute, value), missing);
  EXPECT_EQ(parse_timestamp("2011-02-30 00:00", minutes, TimeUnit::minute, value), no_such_time);
  EXPECT_EQ(value, missing_int64);
  EXPECT_EQ(parse_timestamp("soon", minutes, TimeUnit::minute, value), not_a_time);
  EXPECT_EQ(parse_date("1969-12-31", TimeFormat("%F"), day), ok);
  EXPECT_EQ(day, -1);
  EXPECT_EQ(parse_date("1969-12-31 00:01", minutes, day), too_fine);
  EXPECT_EQ(day, missing_int32);
}

TEST(ParseColumn, CountsTheBadOnes) {
  const std::vector<std::string_view> fields{"1.5", "", "x", "-2", "0.123"};
  std::vector<std::int64_t> values(fields.size());
  std::vector<ParseStatus> statuses(fields.size());
  const Column price{"price", ColumnType::decimal, 2};
  EXPECT_EQ(parse_column(price, TimeFormat(), fields, values.data(), statuses.data()), 2U);
  EXPECT_THAT(statuses, ::testing::ElementsAre(ok, missing, not_a_number, ok, too_many_digits));
  EXPECT_THAT(values, ::testing::ElementsAre(150, missing_int64, missing_int64, -200, missing_int64));
  EXPECT_EQ(parse_column(price, TimeFormat(), {}, values.data(), statuses.data()), 0U);
  std::vector<double> wrong(fields.size());
  EXPECT_THROW(parse_column(price, TimeFormat(), fields, wrong.data(), statuses.data()), Error);
}

TEST(Explain, SaysWhatIsNeeded) {
  const Column price{"price", ColumnType::decimal, 2};
  EXPECT_EQ(explain(too_many_digits, "0.12300", price), "'price' (decimal(2)): '0.12300' needs scale 3");
  EXPECT_EQ(quoted_begin(std::string(100, 'x')), std::string(100, 'x'));
  EXPECT_EQ(quoted_begin(std::string(99, 'x') + "\u00e9\u00e9"), std::string(99, 'x') + "... (103 bytes)");
  EXPECT_LT(explain(not_a_number, std::string(1 << 20, '7') + "x", price).size(), 300U);
  for (int status = 0; status <= static_cast<int>(missing_value); ++status) {
    const std::string_view shown = static_cast<ParseStatus>(status) == ParseStatus::not_text ? "'price'" : "'text'";
    EXPECT_THAT(explain(static_cast<ParseStatus>(status), "text", price), ::testing::HasSubstr(std::string(shown)));
  }
}

}  // namespace
}  // namespace cohort
