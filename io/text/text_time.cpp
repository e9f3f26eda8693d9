// SPDX-License-Identifier: Apache-2.0
#include "io/text/text_time.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "core/column.hpp"
#include "core/error.hpp"
#include "core/swar.hpp"

namespace cohort {
namespace {

constexpr std::string_view directives = "YymdbBHIpMSf";
constexpr std::int64_t day_microseconds = std::int64_t{86'400} * 1'000'000;

/// What the directives of a format have read.
struct Parts {
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, microsecond = 0;
  bool half_day = false, afternoon = false;  ///< `hour` is of a 12-hour clock; with PM
};

unsigned days_in_month(unsigned year, unsigned month) {
  if (month != 2) return 30 + ((month + month / 8) & 1);
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
}

/// `ahead`: microseconds by which the clock of the parts is ahead of UTC.
inline TimeFormat::Result to_microseconds(const Parts& p, std::int64_t ahead, std::int64_t& microseconds) {
  const bool on_calendar = p.year >= 1 && p.month - 1 < 12 && p.day - 1 < days_in_month(p.year, p.month);
  if (!on_calendar || p.hour > 23 || p.minute > 59 || p.second > 59) return TimeFormat::Result::no_such_time;
  const std::int64_t days = days_from_civil(static_cast<int>(p.year), p.month, p.day);
  const std::int64_t seconds = days * 86400 + p.hour * 3600 + p.minute * 60 + p.second;
  microseconds = seconds * 1'000'000 + p.microsecond - ahead;
  return TimeFormat::Result::ok;
}

constexpr std::uint64_t packed(std::string_view eight) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8; ++i) word |= std::uint64_t{static_cast<unsigned char>(eight[i])} << 8 * i;
  return word;
}

/// Eight characters that must match a picture, where 0 stands for a digit: the digits of a match, zero elsewhere.
template <std::uint64_t picture>
inline bool match(std::uint64_t characters, std::uint64_t& digits) {
  // Adding this sets the top bit of a byte above 9 where a digit belongs, and of any but zero elsewhere.
  constexpr std::uint64_t limit = [] {
    std::uint64_t bytes = 0;
    for (int i = 0; i < 64; i += 8) bytes |= std::uint64_t{(picture >> i & 0xFF) == '0' ? 0x76U : 0x7FU} << i;
    return bytes;
  }();
  digits = characters ^ picture;
  return (((digits + limit) | digits) & 0x80 * swar::every_byte) == 0;
}

/// The two-digit number that starts at character `i`, given digits * 10 + (digits >> 8).
inline unsigned pair(std::uint64_t pairs, int i) {
  return static_cast<unsigned>(pairs >> 8 * i & 0xFF);
}

/// Takes 1 to `width` digits off the front of `text`.
bool take_number(std::string_view& text, std::size_t width, unsigned& number) {
  std::size_t size = 0;
  number = 0;
  for (; size < std::min(width, text.size()) && '0' <= text[size] && text[size] <= '9'; ++size) {
    number = number * 10 + static_cast<unsigned>(text[size] - '0');
  }
  text.remove_prefix(size);
  return size > 0;
}

bool same_letter(char text, char name) {
  return (text | 0x20) == (name | 0x20);
}

bool take_month(std::string_view& text, bool whole, unsigned& month) {
  constexpr std::array<std::string_view, 12> names{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view name = whole ? names[i] : names[i].substr(0, 3);
    if (text.size() < name.size() || !std::equal(name.begin(), name.end(), text.begin(), same_letter)) continue;
    month = static_cast<unsigned>(i + 1);
    text.remove_prefix(name.size());
    return true;
  }
  return false;
}

bool take_half(std::string_view& text, bool& afternoon) {
  if (text.size() < 2 || !same_letter(text[1], 'm')) return false;
  afternoon = same_letter(text[0], 'p');
  if (!afternoon && !same_letter(text[0], 'a')) return false;
  text.remove_prefix(2);
  return true;
}

bool take_microseconds(std::string_view& text, unsigned& microsecond) {
  const std::size_t before = text.size();
  if (!take_number(text, 6, microsecond)) return false;
  for (std::size_t digits = before - text.size(); digits < 6; ++digits) microsecond *= 10;
  return true;
}

bool take_short_year(std::string_view& text, unsigned& year) {
  if (!take_number(text, 2, year)) return false;
  year += year < 69 ? 2000 : 1900;
  return true;
}

bool take(char directive, std::string_view& text, Parts& parts) {
  const std::size_t before = text.size();
  switch (directive) {
    case 'Y': return take_number(text, 4, parts.year) && before - text.size() == 4;
    case 'y': return take_short_year(text, parts.year);
    case 'm': return take_number(text, 2, parts.month);
    case 'b': return take_month(text, false, parts.month);
    case 'B': return take_month(text, true, parts.month);
    case 'd': return take_number(text, 2, parts.day);
    case 'H': return take_number(text, 2, parts.hour);
    case 'I': parts.half_day = true; return take_number(text, 2, parts.hour);
    case 'p': return take_half(text, parts.afternoon);
    case 'M': return take_number(text, 2, parts.minute);
    case 'S': return take_number(text, 2, parts.second);
    default: return take_microseconds(text, parts.microsecond);
  }
}

/// The format with its abbreviations written out.
std::string expand(const std::string& format) {
  std::string items;
  for (std::size_t i = 0; i < format.size(); ++i) {
    const bool directive = format[i] == '%' && i + 1 < format.size();
    if (!directive)
      items += format[i];
    else if (format[++i] == 'F')
      items += "%Y-%m-%d";
    else if (format[i] == 'T')
      items += "%H:%M:%S";
    else
      (items += '%') += format[i];
  }
  return items;
}

}  // namespace

TimeFormat::TimeFormat(std::string format, std::int64_t ahead_microseconds)
    : format_(std::move(format)), items_(expand(format_)), ahead_(ahead_microseconds) {
  if (format_ == "epoch_s") shape_ = Shape::epoch_s;
  if (format_ == "epoch_ms") shape_ = Shape::epoch_ms;
  if (shape_ != Shape::other) return;
  check();
  if (items_.ends_with('Z')) ahead_ = 0;
  if (items_ == "%Y-%m-%d") shape_ = Shape::date;
  if (items_ == "%Y-%m-%d %H:%M") shape_ = Shape::minutes;
  if (items_ == "%Y-%m-%d %H:%M:%S") shape_ = Shape::seconds;
}

void TimeFormat::check() const {
  const auto refuse = [&](const std::string& why) {
    throw Error(
        ExitCode::bad_config, fmt::format("time format '{}' {}", format_, why),
        "use %Y %y %m %d %b %B %H %I %p %M %S %f %F %T, for example \"%Y-%m-%d %H:%M:%S\"; or epoch_s, epoch_ms");
  };
  std::string used;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (items_[i] != '%') continue;
    const char directive = ++i < items_.size() ? items_[i] : '\0';
    if (directive == '%') continue;
    if (directive == '\0') refuse("ends in a single %");
    if (directives.find(directive) == std::string_view::npos)
      refuse(fmt::format("has the unknown directive %{}", directive));
    if (used.find(directive) != std::string::npos) refuse(fmt::format("has %{} twice", directive));
    used += directive;
  }
  const auto count = [&](std::string_view any) {
    return std::count_if(used.begin(), used.end(), [&](char c) { return any.find(c) != std::string_view::npos; });
  };
  if (count("Yy") != 1 || count("mbB") != 1 || count("d") != 1) refuse("does not name year, month and day once each");
  if (count("HI") > 1 || count("I") != count("p")) refuse("needs %H, or %I with %p");
  if (count("M") > count("HI") || count("S") > count("M") || count("f") > count("S")) {
    refuse("names a part of the time without the larger one");
  }
}

TimeFormat::Result TimeFormat::parse_epoch(std::string_view text, std::int64_t& microseconds) const {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end != text.data() + text.size() || error == std::errc::invalid_argument) return Result::no_match;
  const std::int64_t each = shape_ == Shape::epoch_s ? 1'000'000 : 1000;
  const std::int64_t first = days_from_civil(1, 1, 1) * day_microseconds / each;
  const std::int64_t end_of_years = days_from_civil(10'000, 1, 1) * day_microseconds / each;
  if (error != std::errc{} || number < first || number >= end_of_years) return Result::no_such_time;
  microseconds = number * each;
  return Result::ok;
}

TimeFormat::Result TimeFormat::parse_iso(std::string_view text, std::int64_t& microseconds) const {
  const auto size = static_cast<std::size_t>(shape_);
  if (text.size() != size) return parse_any(text, microseconds);
  std::uint64_t date = 0;
  std::uint64_t rest = 0;
  bool matches = match<packed("0000-00-")>(swar::load<std::uint64_t>(text.data()), date);
  if (shape_ == Shape::date) {
    matches &= match<packed("00-00-00")>(swar::load<std::uint64_t>(text.data() + 2), rest);
    rest >>= 48;
  } else {
    // A T may stand for the blank, so that byte is checked apart.
    const std::uint64_t characters = swar::load<std::uint64_t>(text.data() + 8) & ~(std::uint64_t{0xFF} << 16);
    matches &=
        match<packed(std::string_view("00\00000:00", 8))>(characters, rest) && (text[10] == ' ' || text[10] == 'T');
  }
  const std::uint64_t date_pairs = date * 10 + (date >> 8);
  const std::uint64_t pairs = rest * 10 + (rest >> 8);
  Parts parts{
      .year = pair(date_pairs, 0) * 100 + pair(date_pairs, 2), .month = pair(date_pairs, 5), .day = pair(pairs, 0)};
  if (shape_ != Shape::date) {
    parts.hour = pair(pairs, 3);
    parts.minute = pair(pairs, 6);
  }
  if (shape_ == Shape::seconds) {
    const unsigned tens = static_cast<unsigned char>(text[17]) - unsigned{'0'};
    const unsigned ones = static_cast<unsigned char>(text[18]) - unsigned{'0'};
    matches &= text[16] == ':' && tens < 10 && ones < 10;
    parts.second = tens * 10 + ones;
  }
  return matches ? to_microseconds(parts, ahead_, microseconds) : parse_any(text, microseconds);
}

TimeFormat::Result TimeFormat::parse_any(std::string_view text, std::int64_t& microseconds) const {
  Parts parts;
  if (items_.empty()) return Result::no_match;
  const std::string_view items = items_;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i] == '%' && items[++i] != '%') {
      if (!take(items[i], text, parts)) return Result::no_match;
      continue;
    }
    const bool t_may_stand = items[i] == ' ' && items.substr(i + 1).starts_with("%H");
    if (text.empty() || (text[0] != items[i] && !(t_may_stand && text[0] == 'T'))) return Result::no_match;
    text.remove_prefix(1);
  }
  const bool has_time = items.find("%H") != std::string_view::npos;
  const bool is_utc = has_time && text == "Z";
  if (!text.empty() && !is_utc) return Result::no_match;
  if (parts.half_day) {
    if (parts.hour - 1 >= 12) return Result::no_such_time;
    parts.hour = parts.hour % 12 + (parts.afternoon ? 12 : 0);
  }
  return to_microseconds(parts, is_utc ? 0 : ahead_, microseconds);
}

}  // namespace cohort
