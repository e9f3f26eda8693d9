// SPDX-License-Identifier: Apache-2.0
#include "io/text/text_parse.hpp"

#include <fast_float/fast_float.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/swar.hpp"

namespace cohort {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_digit(char c) {
  return '0' <= c && c <= '9';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

constexpr std::array<std::int64_t, 19> powers = [] {
  std::array<std::int64_t, 19> table{1};
  for (std::size_t i = 1; i < table.size(); ++i) table[i] = table[i - 1] * 10;
  return table;
}();

/// Any decimal, one character at a time: signs, blanks, many digits, zeros behind the scale.
ParseStatus parse_any_decimal(std::string_view text, int scale, std::int64_t& value) {
  text = trimmed(text);
  if (text.empty()) return ParseStatus::missing;
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  const std::size_t dot = std::min(text.find('.'), text.size());
  const bool has_digit = text.size() > (dot < text.size() ? 1U : 0U);
  if (!has_digit) return ParseStatus::not_a_number;
  ParseStatus status = ParseStatus::ok;
  std::int64_t sum = 0;  // negative: its range is larger by one
  const auto append = [&](int digit) {
    if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_sub_overflow(sum, digit, &sum)) {
      status = ParseStatus::out_of_range;
      sum = 0;
    }
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == dot) continue;
    if (!is_digit(text[i])) return ParseStatus::not_a_number;
    if (i < dot || i - dot <= static_cast<std::size_t>(scale))
      append(text[i] - '0');
    else if (text[i] != '0' && status == ParseStatus::ok)
      status = ParseStatus::too_many_digits;
  }
  const std::size_t fraction = dot < text.size() ? text.size() - dot - 1 : 0;
  for (std::size_t i = fraction; i < static_cast<std::size_t>(scale); ++i) append(0);
  if (status != ParseStatus::ok) return status;
  if (sum == missing_int64) return negative ? ParseStatus::missing_value : ParseStatus::out_of_range;
  value = negative ? sum : -sum;
  return ParseStatus::ok;
}

/// Decimals of up to 8 characters in one word: the dot is cut out and the rest read as an integer.
inline ParseStatus decimal_inline(std::string_view text, int scale, std::int64_t& value) {
  value = missing_int64;
  if (text.empty()) return ParseStatus::missing;
  const bool negative = text.front() == '-';
  const std::string_view rest = text.substr(negative ? 1 : 0);
  if (rest.empty() || rest.size() > 8) return parse_any_decimal(text, scale, value);
  const std::uint64_t word = swar::load_short(rest);
  const std::size_t dot = swar::find(word, '.');
  std::uint64_t digits = 0;
  std::size_t fraction = 0;
  if (dot < 8) {
    const std::uint64_t before_dot = (std::uint64_t{1} << 8 * dot) - 1;
    const std::uint64_t joined = (word & before_dot) | (word >> 8 & ~before_dot);
    fraction = rest.size() - dot - 1;
    if (rest.size() == 1) return ParseStatus::not_a_number;
    digits = swar::digits_of(joined, rest.size() - 1);
  } else {
    digits = swar::digits_of(word, rest.size());
  }
  // 8 digits times 10^10 stay below 2^63.
  const auto zeros = static_cast<std::size_t>(scale) - fraction;
  if (zeros > 10 || !swar::all_digits(digits)) return parse_any_decimal(text, scale, value);
  const std::int64_t magnitude = static_cast<std::int64_t>(swar::value_of(digits)) * powers[zeros];
  value = negative ? -magnitude : magnitude;
  return ParseStatus::ok;
}

/// Numbers of 1 to 16 digits and nothing else, in one word or two.
inline bool take_digits(std::string_view text, std::int64_t& value) {
  constexpr std::size_t word = 8;
  if (text.empty() || text.size() > 2 * word) return false;
  const std::string_view first = text.size() <= word ? text : text.substr(0, text.size() - word);
  const std::uint64_t digits = swar::digits_of(swar::load_short(first), first.size());
  if (!swar::all_digits(digits)) return false;
  value = static_cast<std::int64_t>(swar::value_of(digits));
  if (text.size() <= word) return true;
  const std::uint64_t last = swar::load<std::uint64_t>(text.data() + first.size()) ^ swar::zeros;
  value = value * powers[word] + static_cast<std::int64_t>(swar::value_of(last));
  return swar::all_digits(last);
}

inline ParseStatus int64_inline(std::string_view text, std::int64_t& value) {
  if (take_digits(text, value)) return ParseStatus::ok;
  value = missing_int64;
  const ParseStatus status = parse_any_decimal(text, 0, value);
  const bool other_text = status == ParseStatus::not_a_number || status == ParseStatus::too_many_digits;
  return other_text ? ParseStatus::not_an_integer : status;
}

inline ParseStatus int32_inline(std::string_view text, std::int32_t& value) {
  std::int64_t wide;
  const ParseStatus status = int64_inline(text, wide);
  value = missing_int32;
  if (status != ParseStatus::ok) return status == ParseStatus::missing_value ? ParseStatus::out_of_range : status;
  if (wide == missing_int32) return ParseStatus::missing_value;
  if (wide < missing_int32 || wide > std::numeric_limits<std::int32_t>::max()) return ParseStatus::out_of_range;
  value = static_cast<std::int32_t>(wide);
  return ParseStatus::ok;
}

ParseStatus status_of(TimeFormat::Result result) {
  switch (result) {
    case TimeFormat::Result::ok: return ParseStatus::ok;
    case TimeFormat::Result::no_match: return ParseStatus::not_a_time;
    case TimeFormat::Result::no_such_time: return ParseStatus::no_such_time;
  }
  return ParseStatus::not_a_time;
}

inline ParseStatus timestamp_inline(std::string_view text, const TimeFormat& format, std::int64_t microseconds,
                                    std::int64_t& value) {
  value = missing_int64;
  TimeFormat::Result result = format.parse(text, value);
  if (result == TimeFormat::Result::no_match) {
    text = trimmed(text);
    if (text.empty()) return ParseStatus::missing;
    result = format.parse(text, value);
  }
  if (result != TimeFormat::Result::ok) return status_of(result);
  if (microseconds == 1) return ParseStatus::ok;
  const std::int64_t units = floor_div(value, microseconds);
  if (units * microseconds != value) {
    value = missing_int64;
    return ParseStatus::too_fine;
  }
  value = units;
  return ParseStatus::ok;
}

inline ParseStatus date_inline(std::string_view text, const TimeFormat& format, std::int32_t& value) {
  std::int64_t days;
  const ParseStatus status = timestamp_inline(text, format, microseconds_per(TimeUnit::day), days);
  value = status == ParseStatus::ok ? static_cast<std::int32_t>(days) : missing_int32;
  return status;
}

template <typename Value, typename Parse>
std::size_t parse_all(std::span<const std::string_view> fields, Value* values, ParseStatus* statuses, Parse parse) {
  std::size_t bad = 0;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    statuses[i] = parse(fields[i], values[i]);
    bad += is_good(statuses[i]) ? 0 : 1;
  }
  return bad;
}

/// The same for texts of which neighbours are often equal, and which take long to parse: lines of a basket have one
/// time.
template <typename Value, typename Parse>
std::size_t parse_runs(std::span<const std::string_view> fields, Value* values, ParseStatus* statuses, Parse parse) {
  std::size_t at = 0;
  return parse_all(fields, values, statuses, [&](std::string_view text, Value& value) {
    const std::size_t i = at++;
    if (i == 0 || !swar::same(text, fields[i - 1])) return parse(text, value);
    value = values[i - 1];
    return statuses[i - 1];
  });
}

[[noreturn]] void fail_storage(const Column& column) {
  throw Error(ExitCode::internal,
              fmt::format("column '{}' of type {} was parsed into the wrong storage", column.name, type_name(column)));
}

std::size_t fraction_digits(std::string_view text) {
  const std::size_t dot = text.find('.');
  const std::size_t last = text.find_last_of("123456789");
  return dot == std::string_view::npos || last == std::string_view::npos || last < dot ? 0 : last - dot;
}

}  // namespace

ParseStatus parse_int32(std::string_view text, std::int32_t& value) {
  return int32_inline(text, value);
}
ParseStatus parse_int64(std::string_view text, std::int64_t& value) {
  return int64_inline(text, value);
}
ParseStatus parse_decimal(std::string_view text, int scale, std::int64_t& value) {
  return decimal_inline(text, scale, value);
}

ParseStatus parse_float64(std::string_view text, double& value) {
  value = missing_float64;
  text = trimmed(text);
  if (text.empty()) return ParseStatus::missing;
  // fast_float knows no leading plus.
  if (text.front() == '+' && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = fast_float::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) return ParseStatus::not_a_number;
  const bool spelled = std::any_of(text.begin(), text.end(), [](char c) { return (c | 0x20) == 'n'; });
  if (!std::isfinite(number)) return spelled ? ParseStatus::not_finite : ParseStatus::out_of_range;
  value = number;
  return ParseStatus::ok;
}

ParseStatus parse_boolean(std::string_view text, std::int32_t& value) {
  constexpr std::array<std::string_view, 8> words{"0", "1", "f", "t", "no", "yes", "false", "true"};
  value = missing_int32;
  text = trimmed(text);
  if (text.empty()) return ParseStatus::missing;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool same = std::equal(text.begin(), text.end(), words[i].begin(), words[i].end(),
                                 [](char a, char b) { return a == b || ('A' <= a && a <= 'Z' && (a | 0x20) == b); });
    if (!same) continue;
    value = static_cast<std::int32_t>(i % 2);
    return ParseStatus::ok;
  }
  return ParseStatus::not_a_boolean;
}

ParseStatus parse_date(std::string_view text, const TimeFormat& format, std::int32_t& value) {
  return date_inline(text, format, value);
}

ParseStatus parse_timestamp(std::string_view text, const TimeFormat& format, TimeUnit unit, std::int64_t& value) {
  return timestamp_inline(text, format, microseconds_per(unit), value);
}

std::size_t parse_column(const Column& column, const TimeFormat& format, std::span<const std::string_view> fields,
                         std::int32_t* values, ParseStatus* statuses) {
  switch (column.type) {
    case ColumnType::boolean: return parse_all(fields, values, statuses, &parse_boolean);
    case ColumnType::int32:
      return parse_all(fields, values, statuses,
                       [](std::string_view text, std::int32_t& value) { return int32_inline(text, value); });
    case ColumnType::date:
      return parse_runs(fields, values, statuses,
                        [&](std::string_view text, std::int32_t& value) { return date_inline(text, format, value); });
    default: fail_storage(column);
  }
}

std::size_t parse_column(const Column& column, const TimeFormat& format, std::span<const std::string_view> fields,
                         std::int64_t* values, ParseStatus* statuses) {
  const std::int64_t microseconds = microseconds_per(column.unit);
  switch (column.type) {
    case ColumnType::int64:
      return parse_all(fields, values, statuses,
                       [](std::string_view text, std::int64_t& value) { return int64_inline(text, value); });
    case ColumnType::timestamp:
      return parse_runs(fields, values, statuses, [&](std::string_view text, std::int64_t& value) {
        return timestamp_inline(text, format, microseconds, value);
      });
    case ColumnType::decimal:
      return parse_all(fields, values, statuses, [scale = column.scale](std::string_view text, std::int64_t& value) {
        return decimal_inline(text, scale, value);
      });
    default: fail_storage(column);
  }
}

std::size_t parse_column(const Column& column, const TimeFormat&, std::span<const std::string_view> fields,
                         double* values, ParseStatus* statuses) {
  if (column.type != ColumnType::float64) fail_storage(column);
  return parse_all(fields, values, statuses, &parse_float64);
}

std::string quoted_begin(std::string_view text) {
  constexpr std::size_t most = 100;
  if (text.size() <= most) return std::string(text);
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not within a character of UTF-8
  return fmt::format("{}... ({} bytes)", text.substr(0, end), text.size());
}

std::string explain(ParseStatus status, std::string_view text, const Column& column) {
  const std::string subject = fmt::format("'{}' ({}): '{}'", column.name, type_name(column), quoted_begin(text));
  switch (status) {
    case ParseStatus::ok: return subject + " is good";
    case ParseStatus::missing: return subject + " is missing";
    case ParseStatus::not_an_integer: return subject + " is not an integer";
    case ParseStatus::not_a_number: return subject + " is not a number";
    case ParseStatus::not_finite: return subject + " is not a finite number; leave the field empty for missing";
    case ParseStatus::not_a_boolean: return subject + " is not true, false, yes, no, t, f, 1 or 0";
    case ParseStatus::not_a_time: return subject + " does not have the time format";
    case ParseStatus::no_such_time: return subject + " is no date or time of the calendar";
    case ParseStatus::out_of_range: return subject + " is out of the type's range";
    case ParseStatus::too_many_digits: return fmt::format("{} needs scale {}", subject, fraction_digits(text));
    case ParseStatus::too_fine: return subject + " is not a whole number of the column's time unit";
    case ParseStatus::not_text:
      return fmt::format("'{}' ({}): the field holds a NUL, or bytes that are not of the file's encoding", column.name,
                         type_name(column));
    case ParseStatus::missing_value: return subject + " equals the value that stands for missing";
  }
  return subject;
}

}  // namespace cohort
