// SPDX-License-Identifier: Apache-2.0
#include "io/text/text_time.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "core/column.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

/// "ok: 2011-12-09T12:50:00", "no match" or "no such time".
std::string read(const std::string& format, std::string_view text) {
  std::int64_t microseconds = 0;
  switch (TimeFormat(format).parse(text, microseconds)) {
    case TimeFormat::Result::ok: return iso_time(microseconds / 1'000'000, TimeUnit::second);
    case TimeFormat::Result::no_match: return "no match";
    case TimeFormat::Result::no_such_time: return "no such time";
  }
  return "";
}

TEST(TimeFormat, IsoFormats) {
  EXPECT_EQ(read("%Y-%m-%d", "2011-12-09"), "2011-12-09T00:00:00");
  EXPECT_EQ(read("%Y-%m-%d %H:%M", "2011-12-09 12:50"), "2011-12-09T12:50:00");
  EXPECT_EQ(read("%F %T", "2011-12-09 12:50:07"), "2011-12-09T12:50:07");
  EXPECT_EQ(read("%F %T", "2011-12-09T12:50:07"), "2011-12-09T12:50:07");
  EXPECT_EQ(read("%F %T", "2011-12-09T12:50:07Z"), "2011-12-09T12:50:07");
  EXPECT_EQ(read("%FT%TZ", "2011-12-09T12:50:07Z"), "2011-12-09T12:50:07");
  EXPECT_EQ(read("%Y-%m-%d %H:%M", "2011-1-5 8:26"), "2011-01-05T08:26:00");
}

TEST(TimeFormat, EveryDirective) {
  EXPECT_EQ(read("%m/%d/%Y %H:%M", "12/1/2010 8:26"), "2010-12-01T08:26:00");
  EXPECT_EQ(read("%d %b %y, %I:%M %p", "3 FEB 69, 12:05 am"), "1969-02-03T00:05:00");
  EXPECT_EQ(read("%B %d, %Y %I%p", "september 30, 2020 12PM"), "2020-09-30T12:00:00");
  EXPECT_EQ(read("%d.%m.%y", "01.02.68"), "2068-02-01T00:00:00");
  EXPECT_EQ(read("%Y%m%d%H%M%S", "20200131235958"), "2020-01-31T23:59:58");
  EXPECT_EQ(read("%%%F", "%2020-01-31"), "2020-01-31T00:00:00");
}

TEST(TimeFormat, AClockAheadOfUtc) {
  constexpr std::int64_t eight_hours = std::int64_t{8} * 3'600'000'000;
  const auto read_there = [](const std::string& format, std::string_view text) {
    std::int64_t microseconds = 0;
    EXPECT_EQ(TimeFormat(format, eight_hours).parse(text, microseconds), TimeFormat::Result::ok) << text;
    return iso_time(microseconds / 1'000'000, TimeUnit::second);
  };
  EXPECT_EQ(read_there("%F %T", "2020-01-01 10:00:00"), "2020-01-01T02:00:00");
  EXPECT_EQ(read_there("%F %H:%M", "2020-01-01 7:00"), "2019-12-31T23:00:00");
  EXPECT_EQ(read_there("%F", "2020-01-01"), "2019-12-31T16:00:00");
  EXPECT_EQ(read_there("%F %T", "2020-01-01 10:00:00Z"), "2020-01-01T10:00:00");
  EXPECT_EQ(read_there("%FT%TZ", "2020-01-01T10:00:00Z"), "2020-01-01T10:00:00");
  EXPECT_EQ(read_there("epoch_s", "0"), "1970-01-01T00:00:00");
}

TEST(TimeFormat, Fractions) {
  std::int64_t microseconds = 0;
  EXPECT_EQ(TimeFormat("%F %T.%f").parse("1970-01-01 00:00:01.25", microseconds), TimeFormat::Result::ok);
  EXPECT_EQ(microseconds, 1'250'000);
  EXPECT_EQ(TimeFormat("%F %T.%f").parse("1970-01-01 00:00:01.1234567", microseconds), TimeFormat::Result::no_match);
}

TEST(TimeFormat, EveryDayOfTheCalendar) {
  const TimeFormat fast("%Y-%m-%d"), slow("%d/%m/%Y");
  for (std::int32_t day = days_from_civil(1, 1, 1); day <= days_from_civil(9999, 12, 31); day += 13) {
    const std::string iso = iso_date(day);
    std::int64_t microseconds = 0, again = 0;
    EXPECT_EQ(fast.parse(iso, microseconds), TimeFormat::Result::ok);
    EXPECT_EQ(slow.parse(iso.substr(8, 2) + "/" + iso.substr(5, 2) + "/" + iso.substr(0, 4), again),
              TimeFormat::Result::ok);
    EXPECT_EQ(microseconds, day * std::int64_t{86'400'000'000});
    EXPECT_EQ(again, microseconds);
  }
}

TEST(TimeFormat, TheCalendarIsChecked) {
  for (const char* text : {"2011-02-29", "1900-02-29", "2011-04-31", "2011-13-01", "2011-00-10", "2011-01-00",
                           "0000-01-01", "2011-01-32"}) {
    EXPECT_EQ(read("%Y-%m-%d", text), "no such time") << text;
  }
  EXPECT_EQ(read("%Y-%m-%d", "2000-02-29"), "2000-02-29T00:00:00");
  EXPECT_EQ(read("%F %T", "2011-01-01 24:00:00"), "no such time");
  EXPECT_EQ(read("%F %T", "2011-01-01 00:60:00"), "no such time");
  EXPECT_EQ(read("%F %T", "2011-01-01 00:00:60"), "no such time");
  EXPECT_EQ(read("%F %I:%M %p", "2011-01-01 13:00 pm"), "no such time");
}

TEST(TimeFormat, EveryCharacterCounts) {
  for (const std::string good : {"2011-12-09", "2011-12-09 12:50", "2011-12-09 12:50:07"}) {
    const std::string format = good.size() == 10 ? "%F" : good.size() == 16 ? "%F %H:%M" : "%F %T";
    for (std::size_t i = 0; i < good.size(); ++i) {
      for (const char wrong : {'x', '/', ':', '\0', '\xFF'}) {
        std::string bad = good;
        if (bad[i] == wrong) continue;
        bad[i] = wrong;
        EXPECT_EQ(read(format, bad), "no match") << bad;
      }
    }
    EXPECT_EQ(read(format, good.substr(0, good.size() - 2)), "no match");  // one digit less may still be a number
    EXPECT_EQ(read(format, good + "x"), "no match");
  }
  EXPECT_EQ(read("%F", "2011-12-09Z"), "no match");
}

TEST(TimeFormat, BadFormatsAreRefused) {
  for (const char* format : {"", "%Y", "%Y-%m", "%Y-%m-%d %y", "%Y-%m-%d %b", "%F %H:%I", "%F %I:%M", "%F %M",
                             "%F %H:%S", "%Q", "%F %", "%F %F"}) {
    EXPECT_THROW(TimeFormat{format}, Error) << format;
  }
  std::int64_t microseconds = 0;
  EXPECT_EQ(TimeFormat().parse("", microseconds), TimeFormat::Result::no_match);
}

}  // namespace
}  // namespace cohort
